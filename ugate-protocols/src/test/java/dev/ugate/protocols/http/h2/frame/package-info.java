/** Frames and windows of HTTP/2. */
@NullMarked
package dev.ugate.protocols.http.h2.frame;

import org.jspecify.annotations.NullMarked;
