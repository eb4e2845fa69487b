/** Sockets and what they ask of the kernel: their options and ends, and Netty's I/O handlers with their known defects mended. */
@NullMarked
package dev.ugate.net.io;

import org.jspecify.annotations.NullMarked;
