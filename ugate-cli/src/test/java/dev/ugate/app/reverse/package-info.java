/** Nodes that are reached through their own connections. */
@NullMarked
package dev.ugate.app.reverse;

import org.jspecify.annotations.NullMarked;
