/** The frames of HTTP/2 and the rules that need no stream (RFC 9113 §4 to §7). */
@NullMarked
package dev.ugate.protocols.http.h2.frame;

import org.jspecify.annotations.NullMarked;
