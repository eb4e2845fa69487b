/** The connection protocol of SSH, in both roles: channels with their windows, global requests, signs of life (RFC 4254). */
@NullMarked
package dev.ugate.protocols.ssh.channel;

import org.jspecify.annotations.NullMarked;
