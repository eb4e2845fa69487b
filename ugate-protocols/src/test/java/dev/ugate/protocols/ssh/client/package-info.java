/** Tests of SSH as a way out, over packets without ciphers. */
@NullMarked
package dev.ugate.protocols.ssh.client;

import org.jspecify.annotations.NullMarked;
