/** Nodes that are reached through their own connections. */
@NullMarked
package dev.ugate.protocols.http.reverse;

import org.jspecify.annotations.NullMarked;
