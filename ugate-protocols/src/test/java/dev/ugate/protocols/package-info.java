/** The contract that every protocol keeps. */
@NullMarked
package dev.ugate.protocols;

import org.jspecify.annotations.NullMarked;
