/** Nodes that are reached through a connection which they keep open themselves, in HTTP/2 both ways (h2r). */
@NullMarked
package dev.ugate.protocols.http.reverse;

import org.jspecify.annotations.NullMarked;
