/** Nodes that are reached through their own connections: who may have which names here, and where this node makes itself reachable. */
@NullMarked
package dev.ugate.app.reverse;

import org.jspecify.annotations.NullMarked;
