/** The source {@code dns}: a caching stub resolver on one event loop. */
@NullMarked
package dev.ugate.discovery.dns;

import org.jspecify.annotations.NullMarked;
