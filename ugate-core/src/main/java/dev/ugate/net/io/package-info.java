/** Netty's I/O handlers with their known defects mended. */
@NullMarked
package dev.ugate.net.io;

import org.jspecify.annotations.NullMarked;
