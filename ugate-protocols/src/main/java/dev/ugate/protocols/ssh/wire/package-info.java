/** The packets of SSH: the identification line, ciphers, encodings, and what stands above them (RFC 4251 §5, RFC 4253 §4 to §6). */
@NullMarked
package dev.ugate.protocols.ssh.wire;

import org.jspecify.annotations.NullMarked;
