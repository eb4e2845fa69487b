package dev.ugate.net.tls;

import dev.ugate.model.Refused;
import dev.ugate.model.x509.PublicKeys;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Certificates from PEM files, found by their DNS names; immutable: load again to see changed files. */
public final class PemCertificates implements Certificates {
    private final Map<String, SslContext> exact = new HashMap<>();
    private final Map<String, SslContext> wildcards = new HashMap<>();
    private final Optional<SslContext> first;

    /**
     * One certificate on disk.
     *
     * @param cert chain, leaf first
     * @param ca issuers of client certificates; needed where {@code clientAuth} asks for one
     */
    public record Files(Path cert, Path key, ClientAuth clientAuth, Optional<Path> ca) {}

    private PemCertificates(List<Files> all, List<String> alpn) throws IOException {
        SslContext front = null;
        for (Files files : all) {
            List<X509Certificate> chain = Pem.certificates(files.cert);
            SslContext context = context(files, chain, alpn);
            front = front == null ? context : front;
            for (String name : names(files, chain.get(0))) {
                String lower = name.toLowerCase(Locale.ROOT);
                if (lower.startsWith("*.")) {
                    wildcards.putIfAbsent(lower.substring(2), context);
                } else {
                    exact.putIfAbsent(lower, context);
                }
            }
        }
        first = Optional.ofNullable(front);
    }

    /**
     * Reads every file; blocks. {@code alpn} is what terminated connections may speak, in order of preference. Throws
     * {@link IOException} that names the file.
     */
    public static Certificates load(List<Files> all, List<String> alpn) throws IOException {
        return all.isEmpty() ? NONE : new PemCertificates(all, alpn);
    }

    private static SslContext context(Files files, List<X509Certificate> chain, List<String> alpn) throws IOException {
        PrivateKey key = Pem.key(files.key);
        if (!PublicKeys.isPair(key, chain.get(0).getPublicKey())) {
            throw new IOException(
                    "file " + files.key + ": not the key of " + files.cert + ": expected its private key");
        }
        List<X509Certificate> issuers = List.of();
        if (files.clientAuth != ClientAuth.NONE) {
            issuers = Pem.certificates(files.ca.orElseThrow(() -> new IOException(
                    "file " + files.cert + ": clientAuth: expected ca, the issuers of client certificates")));
        }
        return TlsContexts.server(key, chain, files.clientAuth, issuers, alpn);
    }

    private static List<String> names(Files files, X509Certificate leaf) throws IOException {
        try {
            return PeerCertificate.dnsNames(leaf);
        } catch (Refused e) {
            throw new IOException("file " + files.cert + ": " + e.text(), e);
        }
    }

    @Override
    public Optional<SslContext> choose(Optional<String> sni, List<String> alpn) {
        if (sni.isEmpty()) {
            return first;
        }
        String name = sni.get();
        SslContext context = exact.get(name);
        int dot = name.indexOf('.');
        if (context == null && dot > 0) {
            // RFC 9525 §6.3: a wildcard stands for exactly one label.
            context = wildcards.get(name.substring(dot + 1));
        }
        return Optional.ofNullable(context);
    }
}
