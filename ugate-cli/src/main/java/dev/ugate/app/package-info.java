/** The composition root and the embedding API: configuration becomes running objects. */
@NullMarked
package dev.ugate.app;

import org.jspecify.annotations.NullMarked;
