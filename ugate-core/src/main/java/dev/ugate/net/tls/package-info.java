/** TLS on BoringSSL: contexts, handshake, records, and the way out. */
@NullMarked
package dev.ugate.net.tls;

import org.jspecify.annotations.NullMarked;
