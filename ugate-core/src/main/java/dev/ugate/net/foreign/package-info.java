/** Streams that something else owns, as channels of an event loop. */
@NullMarked
package dev.ugate.net.foreign;

import org.jspecify.annotations.NullMarked;
