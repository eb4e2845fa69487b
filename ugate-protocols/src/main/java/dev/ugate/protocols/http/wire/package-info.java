/** HTTP/1 messages on the wire (RFC 9112): strict parsing and writing of heads and bodies, without channels or decisions. */
@NullMarked
package dev.ugate.protocols.http.wire;

import org.jspecify.annotations.NullMarked;
