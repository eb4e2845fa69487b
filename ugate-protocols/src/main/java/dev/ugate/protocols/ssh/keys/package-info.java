/** How both ends of SSH come to their keys: exchange methods, hashes, ciphers (RFC 4253 §7.2, §8, RFC 8731). */
@NullMarked
package dev.ugate.protocols.ssh.keys;

import org.jspecify.annotations.NullMarked;
