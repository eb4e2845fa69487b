/** A node that keeps a connection of SSH open to a gateway, to be reached through it. */
@NullMarked
package dev.ugate.protocols.ssh.reverse;

import org.jspecify.annotations.NullMarked;
