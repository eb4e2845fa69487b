/** The key exchange of SSH, in both roles: negotiation, methods, keys, and the handler that keeps a connection in them (RFC 4253 §7 to §9). */
@NullMarked
package dev.ugate.protocols.ssh.kex;

import org.jspecify.annotations.NullMarked;
