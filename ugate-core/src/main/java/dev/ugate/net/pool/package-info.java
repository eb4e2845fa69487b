/** Connections that are there already when somebody wants one: pools, of whatever protocol. */
@NullMarked
package dev.ugate.net.pool;

import org.jspecify.annotations.NullMarked;
