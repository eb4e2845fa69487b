/** The command line: one command per file. */
@NullMarked
package dev.ugate.cli;

import org.jspecify.annotations.NullMarked;
