/** Random streams of bytes through gates, asked for in every way, each judged at both ends. */
@NullMarked
package dev.ugate.app.streams;

import org.jspecify.annotations.NullMarked;
