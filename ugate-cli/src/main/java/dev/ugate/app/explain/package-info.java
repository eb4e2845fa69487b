/** What {@code explain} is asked about. */
@NullMarked
package dev.ugate.app.explain;

import org.jspecify.annotations.NullMarked;
