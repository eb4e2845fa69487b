/** Tests of what is logged. */
@NullMarked
package dev.ugate.app.log;

import org.jspecify.annotations.NullMarked;
