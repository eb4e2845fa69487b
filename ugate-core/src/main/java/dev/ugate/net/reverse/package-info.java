/** Names that are reached through connections which their owners keep open to us. */
@NullMarked
package dev.ugate.net.reverse;

import org.jspecify.annotations.NullMarked;
