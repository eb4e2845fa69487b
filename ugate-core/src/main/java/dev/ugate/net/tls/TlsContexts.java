package dev.ugate.net.tls;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.DelegatingSslContext;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.internal.tcnative.SSL;
import io.netty.util.ReferenceCountUtil;
import java.lang.ref.Cleaner;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/** The one place that makes TLS contexts: BoringSSL, TLS 1.3, and TLS 1.2 with ECDHE and AEAD (T30). */
public final class TlsContexts {
    private static final List<String> CIPHERS = List.of(
            "TLS_AES_128_GCM_SHA256",
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

    private static final List<String> CIPHERS_1_3 = CIPHERS.subList(0, 3);

    private static final String[] GROUPS = {"X25519MLKEM768", "X25519", "P-256", "P-384"};

    /** L14: a peer's whole certificate chain. */
    private static final int MOST_CHAIN = 32 << 10;

    private static final Cleaner CLEANER = Cleaner.create();

    private TlsContexts() {}

    /**
     * A context that proves {@code key}; {@code issuers} may sign client certificates where {@code clientAuth} asks for one.
     * {@code alpn} in order of preference, empty for none.
     */
    public static SslContext server(
            PrivateKey key,
            List<X509Certificate> chain,
            ClientAuth clientAuth,
            Collection<X509Certificate> issuers,
            List<String> alpn)
            throws SSLException {
        SslContextBuilder builder = SslContextBuilder.forServer(key, chain.toArray(X509Certificate[]::new))
                .clientAuth(clientAuth);
        if (clientAuth != ClientAuth.NONE) {
            builder.trustManager(issuers.toArray(X509Certificate[]::new));
        }
        // T25: a ticket would carry a client's proof past a change of the issuers.
        return new Owned(common(builder, alpn).build(), clientAuth == ClientAuth.NONE);
    }

    /**
     * A context that verifies servers against {@code issuers}, null for those the JDK trusts; {@code hostNames} says whether the host
     * name is verified as well (RFC 9525): false only for callers that verify another identity.
     */
    public static SslContext client(@Nullable Collection<X509Certificate> issuers, boolean hostNames, List<String> alpn)
            throws SSLException {
        SslContextBuilder builder =
                SslContextBuilder.forClient().endpointIdentificationAlgorithm(hostNames ? "HTTPS" : null);
        if (issuers != null) {
            builder.trustManager(issuers.toArray(X509Certificate[]::new));
        }
        return new Owned(common(builder, alpn).build(), true);
    }

    /** A context of the mesh that shows {@code key} and takes no client but one that {@code trust} accepts. */
    static SslContext meshServer(KeyManagerFactory key, TrustManager trust, List<String> alpn) throws SSLException {
        return mesh(SslContextBuilder.forServer(key).clientAuth(ClientAuth.REQUIRE), trust, alpn);
    }

    /** A context of the mesh that shows {@code key} and takes no server but one that {@code trust} accepts; names are not verified. */
    static SslContext meshClient(KeyManagerFactory key, TrustManager trust, List<String> alpn) throws SSLException {
        return mesh(SslContextBuilder.forClient().keyManager(key).endpointIdentificationAlgorithm(null), trust, alpn);
    }

    private static SslContext mesh(SslContextBuilder builder, TrustManager trust, List<String> alpn)
            throws SSLException {
        SslContext context = common(builder.trustManager(trust), alpn)
                .protocols("TLSv1.3")
                .ciphers(CIPHERS_1_3)
                .build();
        // T25: what is resumed is not proven again.
        ((OpenSslSessionContext) context.sessionContext()).setSessionCacheEnabled(false);
        return new Owned(context, false);
    }

    private static SslContextBuilder common(SslContextBuilder builder, List<String> alpn) {
        if (!alpn.isEmpty()) {
            builder.applicationProtocolConfig(new ApplicationProtocolConfig(
                    ApplicationProtocolConfig.Protocol.ALPN,
                    ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                    ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                    alpn));
        }
        return builder.sslProvider(SslProvider.OPENSSL_REFCNT)
                .protocols("TLSv1.3", "TLSv1.2")
                .ciphers(CIPHERS)
                .option(OpenSslContextOption.GROUPS, GROUPS.clone())
                .option(OpenSslContextOption.MAX_CERTIFICATE_LIST_BYTES, MOST_CHAIN);
    }

    /**
     * A context whose native memory goes when nobody can reach it any more: after a reload, a connection may still be about to use the
     * old one, so nobody else knows when.
     */
    private static final class Owned extends DelegatingSslContext {
        private final boolean tickets;

        Owned(SslContext context, boolean tickets) {
            super(context);
            this.tickets = tickets;
            CLEANER.register(this, () -> ReferenceCountUtil.release(context));
        }

        @Override
        protected void initEngine(SSLEngine engine) {
            // It has taken its own reference to the context by now.
            if (!tickets) {
                SSL.setOptions(((ReferenceCountedOpenSslEngine) engine).sslPointer(), SSL.SSL_OP_NO_TICKET);
            }
        }

        @Override
        protected void initHandler(SslHandler handler) {
            // Called on this object, which keeps it reachable until the handler exists.
            initEngine(handler.engine());
        }
    }
}
