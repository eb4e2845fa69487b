/** Connections of HTTP/1 (RFC 9112), from clients and to upstreams. */
@NullMarked
package dev.ugate.protocols.http.h1;

import org.jspecify.annotations.NullMarked;
