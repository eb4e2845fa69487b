/** Tests of what a server does for those who logged in. */
@NullMarked
package dev.ugate.protocols.ssh.server;

import org.jspecify.annotations.NullMarked;
