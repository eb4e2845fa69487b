/** The waist: three doors, one procedure. */
@NullMarked
package dev.ugate.gate;

import org.jspecify.annotations.NullMarked;
