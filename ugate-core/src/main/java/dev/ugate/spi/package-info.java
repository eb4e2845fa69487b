/** The contracts between the gate and everything that plugs into it. */
@NullMarked
package dev.ugate.spi;

import org.jspecify.annotations.NullMarked;
