package dev.ugate.identity;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.CertificateBuilder.KeyUsage;
import io.netty.pkitesting.X509Bundle;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;

/** Certificates by a library that is not ours, good ones and such as no authority should issue. */
final class Chains {
    static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    static final String ID = "spiffe://cluster.local/ns/web/sa/shop";
    static final X509Bundle ROOT = root("CN=root", builder -> builder);

    private Chains() {}

    static X509Bundle root(String subject, UnaryOperator<CertificateBuilder> change) {
        return made(change.apply(authority(subject)), null);
    }

    /** An authority under another. */
    static X509Bundle between(X509Bundle issuer, UnaryOperator<CertificateBuilder> change) {
        return made(change.apply(authority("CN=between")), issuer);
    }

    private static CertificateBuilder authority(String subject) {
        return new CertificateBuilder()
                .ecp256()
                .subject(subject)
                .notBefore(NOW.minus(Duration.ofDays(1)))
                .notAfter(NOW.plus(Duration.ofDays(10)))
                .setIsCertificateAuthority(true)
                .setKeyUsage(true, KeyUsage.keyCertSign, KeyUsage.cRLSign);
    }

    /** A leaf that is all right but for the change; {@code names} are URIs, or DNS names where there is no {@code ://}. */
    static X509Bundle leaf(X509Bundle issuer, UnaryOperator<CertificateBuilder> change, String... names) {
        CertificateBuilder builder = new CertificateBuilder()
                .ecp256()
                .subject("CN=leaf")
                .notBefore(NOW.minusSeconds(300))
                .notAfter(NOW.plusSeconds(3600))
                .setKeyUsage(true, KeyUsage.digitalSignature)
                .addExtendedKeyUsageServerAuth()
                .addExtendedKeyUsageClientAuth();
        try {
            for (String name : names) {
                builder = name.contains("://") ? builder.addSanUriName(name) : builder.addSanDnsName(name);
            }
        } catch (java.net.URISyntaxException e) {
            throw new IllegalStateException(e);
        }
        return made(change.apply(builder), issuer);
    }

    static X509Bundle leaf(String... names) {
        return leaf(ROOT, builder -> builder, names);
    }

    /** With {@code most} authorities below. */
    static UnaryOperator<CertificateBuilder> path(int most) {
        return builder -> builder.setPathLengthConstraint(OptionalInt.of(most));
    }

    static X509Bundle made(CertificateBuilder builder, X509Bundle issuer) {
        try {
            return issuer == null ? builder.buildSelfSigned() : builder.buildIssuedBy(issuer);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    static List<X509Certificate> chain(X509Bundle... leafFirst) {
        return Arrays.stream(leafFirst).map(X509Bundle::getCertificate).toList();
    }

    static Clock clock(Instant at) {
        return Clock.fixed(at, ZoneOffset.UTC);
    }

    static Trust trust(X509Bundle... roots) {
        return trust(NOW, roots);
    }

    static Trust trust(Instant at, X509Bundle... roots) {
        return new Trust(Map.of("cluster.local", new Bundle("cluster.local", chain(roots))), clock(at));
    }
}
