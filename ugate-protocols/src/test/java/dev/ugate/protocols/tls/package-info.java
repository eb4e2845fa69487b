/** TLS in, on real sockets. */
@NullMarked
package dev.ugate.protocols.tls;

import org.jspecify.annotations.NullMarked;
