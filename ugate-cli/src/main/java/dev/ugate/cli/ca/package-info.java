/** The authority of a trust domain, one command per file. */
@NullMarked
package dev.ugate.cli.ca;

import org.jspecify.annotations.NullMarked;
