package dev.ugate.identity;

import dev.ugate.model.Identity;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/**
 * What a party shows: a private key, the chain that certifies it, leaf first, and whom that proves.
 */
public record Credential(PrivateKey key, List<X509Certificate> chain, Identity identity) {
    public Credential {
        chain = List.copyOf(chain);
    }

    public Instant notAfter() {
        return chain.get(0).getNotAfter().toInstant();
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "Credential[" + identity + ", until " + notAfter() + "]";
    }
}
