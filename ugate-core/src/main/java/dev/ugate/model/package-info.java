/** The vocabulary: pure values without Netty, clocks or I/O. */
@NullMarked
package dev.ugate.model;

import org.jspecify.annotations.NullMarked;
