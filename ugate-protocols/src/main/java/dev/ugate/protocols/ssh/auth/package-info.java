/** Who is who in SSH: user authentication in both roles (RFC 4252), and a client's judgement of host keys. */
@NullMarked
package dev.ugate.protocols.ssh.auth;

import org.jspecify.annotations.NullMarked;
