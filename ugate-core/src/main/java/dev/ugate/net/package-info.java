/** Mechanisms on Netty: one implementation each. */
@NullMarked
package dev.ugate.net;

import org.jspecify.annotations.NullMarked;
