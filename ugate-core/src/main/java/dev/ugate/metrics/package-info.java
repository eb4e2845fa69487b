/** Counters, gauges and their Prometheus text. */
@NullMarked
package dev.ugate.metrics;

import org.jspecify.annotations.NullMarked;
