package dev.ugate.testing;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Instant;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A certificate authority of a test: issues P-256 certificates, and gives the JDK's TLS for the other side. */
public final class Authority {
    private static final char[] NO_PASSWORD = "test".toCharArray();

    private final X509Bundle root;

    private Authority(X509Bundle root) {
        this.root = root;
    }

    public static Authority create() {
        return create("root of a test");
    }

    public static Authority create(String name) {
        try {
            return new Authority(new CertificateBuilder()
                    .ecp256()
                    .subject("CN=" + name)
                    .setIsCertificateAuthority(true)
                    .setKeyUsage(true, CertificateBuilder.KeyUsage.keyCertSign, CertificateBuilder.KeyUsage.cRLSign)
                    .buildSelfSigned());
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** A certificate whose names are DNS names, IP addresses ({@code ip:…}) and URIs (whatever contains {@code ://}). */
    public X509Bundle issue(String... names) {
        return issue(Instant.now().plusSeconds(3600), names);
    }

    /** The same, valid until {@code end}. */
    public X509Bundle issue(Instant end, String... names) {
        CertificateBuilder builder = new CertificateBuilder()
                .ecp256()
                .subject("CN=leaf of a test")
                .addExtendedKeyUsageServerAuth()
                .addExtendedKeyUsageClientAuth()
                .notBefore(end.minusSeconds(86_400))
                .notAfter(end);
        try {
            for (String name : names) {
                builder = named(builder, name);
            }
            return builder.buildIssuedBy(root);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static CertificateBuilder named(CertificateBuilder builder, String name)
            throws java.net.URISyntaxException {
        if (name.contains("://")) {
            return builder.addSanUriName(name);
        }
        if (name.startsWith("ip:")) {
            return builder.addSanIpAddress(name.substring(3));
        }
        return name.chars().allMatch(c -> c > ' ' && c != '*')
                ? builder.addSanDnsName(name)
                : rawDnsName(builder, name);
    }

    /** A DNS name that the builder thinks is none: a wildcard, or one with control characters. The only name of its certificate. */
    private static CertificateBuilder rawDnsName(CertificateBuilder builder, String name) {
        byte[] text = name.getBytes(StandardCharsets.ISO_8859_1);
        byte[] names = new byte[text.length + 4];
        names[0] = 0x30;
        names[1] = (byte) (text.length + 2);
        names[2] = (byte) 0x82;
        names[3] = (byte) text.length;
        System.arraycopy(text, 0, names, 4, text.length);
        return builder.addExtensionOctetString("2.5.29.17", false, names);
    }

    public X509Bundle root() {
        return root;
    }

    /** Writes the authority's own certificate. */
    public Path writeRoot(Path folder) {
        return write(folder.resolve("ca.pem"), root.getCertificatePEM());
    }

    /** Writes {@code <name>.pem} and {@code <name>.key}, the key for its owner only; returns the certificate's path. */
    public static Path write(Path folder, String name, X509Bundle bundle) {
        write(folder.resolve(name + ".key"), bundle.getPrivateKeyPEM());
        return write(folder.resolve(name + ".pem"), bundle.getCertificatePathPEM());
    }

    /** The section that makes an instance the member of mesh.test whose files were written there under that name, with {@code more} keys. */
    public static String member(Path folder, String name, String... more) {
        return "mesh: {trust: [{domain: mesh.test, bundle: " + folder.resolve("ca.pem") + "}], certificate: {cert: "
                + folder.resolve(name + ".pem") + ", key: " + folder.resolve(name + ".key") + "}"
                + Stream.of(more).map(key -> ", " + key).collect(Collectors.joining()) + "}\n";
    }

    private static Path write(Path file, String text) {
        try {
            Files.writeString(file, text);
            return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The JDK's TLS, which trusts this authority; {@code own} is shown when asked for, null for none. */
    public SSLContext jdk(X509Bundle own) {
        try {
            KeyStore trust = KeyStore.getInstance("PKCS12");
            trust.load(null, null);
            trust.setCertificateEntry("root", root.getCertificate());
            TrustManagerFactory trusts = TrustManagerFactory.getInstance("PKIX");
            trusts.init(trust);
            KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
            if (own == null) {
                keys.init(null, null);
            } else {
                KeyStore store = KeyStore.getInstance("PKCS12");
                store.load(null, null);
                store.setKeyEntry("own", own.getKeyPair().getPrivate(), NO_PASSWORD, own.getCertificatePath());
                keys.init(store, NO_PASSWORD);
            }
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), trusts.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
