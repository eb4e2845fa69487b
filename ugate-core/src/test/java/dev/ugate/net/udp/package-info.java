/** Datagrams: the way out, the flows of a client, and the plain forward. */
@NullMarked
package dev.ugate.net.udp;

import org.jspecify.annotations.NullMarked;
