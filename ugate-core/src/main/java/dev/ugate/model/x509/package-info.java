/** Certificates and keys as values: PEM, DER, names, ids; pure, what is below and above the network shares. */
@NullMarked
package dev.ugate.model.x509;

import org.jspecify.annotations.NullMarked;
