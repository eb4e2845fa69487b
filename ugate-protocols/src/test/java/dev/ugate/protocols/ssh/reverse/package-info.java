/** Tests of nodes that are reached through SSH. */
@NullMarked
package dev.ugate.protocols.ssh.reverse;

import org.jspecify.annotations.NullMarked;
