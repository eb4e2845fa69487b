package dev.ugate.model.x509;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Certificates and keys as text (RFC 7468): PKCS#8, and the older forms of OpenSSL for RSA and EC keys. What cannot be read is an
 * {@link IllegalArgumentException} that never shows a key.
 */
public final class PemText {
    public static final String CERTIFICATE = "CERTIFICATE";
    public static final String PRIVATE_KEY = "PRIVATE KEY";
    public static final String REQUEST = "CERTIFICATE REQUEST";
    public static final String CRL = "X509 CRL";

    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----");
    private static final byte[] VERSION_0 = {2, 1, 0};

    /** AlgorithmIdentifier of rsaEncryption with NULL parameters (RFC 8017 §A.1). */
    private static final byte[] RSA = HexFormat.of().parseHex("300d06092a864886f70d0101010500");

    /** Object identifier of ecPublicKey (RFC 5480 §2.1.1). */
    private static final byte[] EC = HexFormat.of().parseHex("06072a8648ce3d0201");

    private static final int PARAMETERS = 0xA0;

    @SuppressWarnings("ArrayRecordComponent") // never compared, never shown
    private record Block(String label, byte[] der) {}

    private PemText() {}

    /** Every certificate, in order, at least one. */
    public static List<X509Certificate> certificates(String text) {
        List<X509Certificate> certificates = new ArrayList<>();
        for (byte[] der : blocks(text, CERTIFICATE)) {
            certificates.add(certificate(der));
        }
        if (certificates.isEmpty()) {
            throw new IllegalArgumentException("no certificate: expected PEM");
        }
        return certificates;
    }

    /** One certificate from its DER. */
    public static X509Certificate certificate(byte[] der) {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("certificate: " + e.getMessage(), e);
        }
    }

    /** The first private key, unencrypted. */
    public static PrivateKey key(String text) {
        for (Block block : blocks(text)) {
            switch (block.label) {
                case PRIVATE_KEY -> {
                    return key(block.der);
                }
                case "RSA PRIVATE KEY" -> {
                    return key(pkcs8(RSA, block.der));
                }
                case "EC PRIVATE KEY" -> {
                    return key(pkcs8(Der.sequence(EC, curve(block.der)), block.der));
                }
                default -> {}
            }
        }
        throw new IllegalArgumentException("no private key: expected unencrypted PEM");
    }

    /** The private key of a PKCS#8 encoding. */
    public static PrivateKey key(byte[] pkcs8) {
        GeneralSecurityException last = null;
        for (String algorithm : List.of("EC", "RSA")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            } catch (GeneralSecurityException other) {
                last = other;
            }
        }
        throw new IllegalArgumentException("private key: expected EC or RSA", last);
    }

    /** The content of every block of this label. */
    public static List<byte[]> blocks(String text, String label) {
        return blocks(text).stream()
                .filter(block -> block.label.equals(label))
                .map(Block::der)
                .toList();
    }

    /** One block. */
    public static String text(String label, byte[] der) {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
    }

    /** The blocks of a chain, leaf first. */
    public static String text(List<X509Certificate> chain) {
        StringBuilder text = new StringBuilder();
        try {
            for (X509Certificate certificate : chain) {
                text.append(text(CERTIFICATE, certificate.getEncoded()));
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("certificate: " + e.getMessage(), e);
        }
        return text.toString();
    }

    /** Text from a file, whatever is in it. */
    public static String text(byte[] file) {
        return new String(file, StandardCharsets.ISO_8859_1);
    }

    private static byte[] pkcs8(byte[] algorithm, byte[] key) {
        return Der.sequence(VERSION_0, algorithm, Der.element(Der.OCTET_STRING, key));
    }

    /** The parameters of ECPrivateKey (RFC 5915 §3), which stand behind its version and its octet string. */
    private static byte[] curve(byte[] der) {
        DerReader key = new DerReader(der).into(Der.SEQUENCE);
        key.content();
        key.content();
        if (key.tag() != PARAMETERS) {
            throw new IllegalArgumentException("EC key without its curve: expected PKCS#8");
        }
        return key.content();
    }

    private static List<Block> blocks(String text) {
        List<Block> blocks = new ArrayList<>();
        Matcher matcher = BLOCK.matcher(text);
        while (matcher.find()) {
            try {
                blocks.add(new Block(matcher.group(1), Base64.getMimeDecoder().decode(matcher.group(2))));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(matcher.group(1) + ": not Base64", e);
            }
        }
        return blocks;
    }
}
