/** Tests of the commands. */
@NullMarked
package dev.ugate.cli;

import org.jspecify.annotations.NullMarked;
