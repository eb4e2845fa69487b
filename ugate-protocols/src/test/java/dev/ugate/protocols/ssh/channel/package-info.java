/** Tests of the connection protocol, over packets without ciphers. */
@NullMarked
package dev.ugate.protocols.ssh.channel;

import org.jspecify.annotations.NullMarked;
