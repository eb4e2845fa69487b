/** Connections of HTTP/2 (RFC 9113), one engine for both sides. */
@NullMarked
package dev.ugate.protocols.http.h2;

import org.jspecify.annotations.NullMarked;
