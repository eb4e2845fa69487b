/** A program that reaches the network through its own ugate. */
@NullMarked
package dev.ugate.examples.embedding;

import org.jspecify.annotations.NullMarked;
