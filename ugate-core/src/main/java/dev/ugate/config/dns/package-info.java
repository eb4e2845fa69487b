/** The section {@code discovery.dns}: its keys, what they mean, and how it is written back. */
@NullMarked
package dev.ugate.config.dns;

import org.jspecify.annotations.NullMarked;
