/** TLS: passed through by server name, or terminated and peeled off. */
@NullMarked
package dev.ugate.protocols.tls;

import org.jspecify.annotations.NullMarked;
