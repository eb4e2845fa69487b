package dev.ugate.net.tls;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import io.netty.handler.ssl.SslContext;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLException;

/**
 * TLS of the mesh under the credentials of one moment: version 1.3 alone, both ends proven by the one verifier, nothing resumed (T25), no
 * early data (T26). Replaced whole when a credential is renewed; what runs on the old one lives on.
 */
public final class MeshContexts {
    /** Offered (RFC 7301) by a member whose connection may carry anything: what is inside is detected. */
    public static final String ANYTHING = "ugate";

    /** Offers that ugate itself makes, so that the first dial after a renewal makes no context on its loop. */
    private static final List<List<String>> USUAL = List.of(List.of("h2"), List.of(ANYTHING));

    private final Map<Optional<String>, Shown> shown = new HashMap<>();
    private final Map<Optional<String>, KeyManagerFactory> keys = new HashMap<>();
    private final Map<Optional<String>, SslContext> servers = new HashMap<>();
    private final Map<Offer, SslContext> clients = new ConcurrentHashMap<>();
    private final MeshTrust trust;

    /** What a member shows: its private key, and the chain that certifies it, leaf first. */
    public record Shown(PrivateKey key, List<X509Certificate> chain) {
        public Shown {
            chain = List.copyOf(chain);
        }

        public Instant notAfter() {
            return chain.get(0).getNotAfter().toInstant();
        }

        /** Without the key. */
        @Override
        public String toString() {
            return "Shown[until " + notAfter() + "]";
        }
    }

    /** Who dials, and what it offers. */
    private record Offer(Optional<String> workload, List<String> alpn) {}

    private MeshContexts(MeshVerifier verifier) {
        this.trust = new MeshTrust(verifier);
    }

    /**
     * Contexts that show {@code own}, or one of the {@code workloads} by name; {@code alpn} is what accepted connections may speak, in
     * order of preference. Throws {@link SSLException} where a key does not fit. Costs milliseconds: not for a loop.
     */
    public static MeshContexts of(Shown own, Map<String, Shown> workloads, MeshVerifier verifier, List<String> alpn)
            throws SSLException {
        MeshContexts contexts = new MeshContexts(verifier);
        contexts.add(Optional.empty(), own, alpn);
        for (Map.Entry<String, Shown> workload : workloads.entrySet()) {
            contexts.add(Optional.of(workload.getKey()), workload.getValue(), alpn);
        }
        return contexts;
    }

    private void add(Optional<String> name, Shown credential, List<String> alpn) throws SSLException {
        KeyManagerFactory key = OwnKey.factory(credential);
        shown.put(name, credential);
        keys.put(name, key);
        servers.put(name, TlsContexts.meshServer(key, trust, alpn));
        for (List<String> offer : USUAL) {
            clients.put(new Offer(name, offer), TlsContexts.meshClient(key, trust, offer));
        }
    }

    /** What a workload shows, empty for the node itself; throws {@link Refused} INTERNAL for one that nobody gave a credential. */
    public Shown shown(Optional<String> workload) {
        return known(shown, workload);
    }

    /** The context of accepted connections. */
    SslContext server(Optional<String> workload) {
        return known(servers, workload);
    }

    /** The context of dialled connections that offer {@code alpn}. */
    SslContext client(Optional<String> workload, List<String> alpn) {
        KeyManagerFactory key = known(keys, workload);
        return clients.computeIfAbsent(new Offer(workload, List.copyOf(alpn)), offer -> {
            try {
                return TlsContexts.meshClient(key, trust, offer.alpn);
            } catch (SSLException e) {
                throw Refused.because(Refusal.INTERNAL, "application protocols " + offer.alpn + ": " + e.getMessage());
            }
        });
    }

    private static <T> T known(Map<Optional<String>, T> all, Optional<String> workload) {
        T one = all.get(workload);
        if (one == null) {
            throw Refused.because(
                    Refusal.INTERNAL,
                    "workload " + workload.orElse("") + ": no credential: expected one in mesh.workloads");
        }
        return one;
    }
}
