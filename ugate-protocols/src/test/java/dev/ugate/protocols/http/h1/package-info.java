/** Connections of HTTP/1. */
@NullMarked
package dev.ugate.protocols.http.h1;

import org.jspecify.annotations.NullMarked;
