package dev.ugate.net.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Certificates and private keys in PEM files (RFC 7468): PKCS#8, and the older forms of OpenSSL for RSA and EC keys. */
final class Pem {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----");
    private static final byte[] VERSION_0 = {2, 1, 0};

    /** AlgorithmIdentifier of rsaEncryption with NULL parameters (RFC 8017 §A.1). */
    private static final byte[] RSA = {
        0x30, 13, 6, 9, 0x2A, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xF7, 13, 1, 1, 1, 5, 0
    };

    /** Object identifier of ecPublicKey (RFC 5480 §2.1.1). */
    private static final byte[] EC = {6, 7, 0x2A, (byte) 0x86, 0x48, (byte) 0xCE, 0x3D, 2, 1};

    @SuppressWarnings("ArrayRecordComponent") // never compared, never shown
    private record Block(String label, byte[] der) {}

    private Pem() {}

    /** Every certificate of a file, in order, at least one; throws {@link IOException} with the file's name. */
    static List<X509Certificate> certificates(Path file) throws IOException {
        List<X509Certificate> certificates = new ArrayList<>();
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            for (Block block : blocks(file)) {
                if (block.label.equals("CERTIFICATE")) {
                    certificates.add(
                            (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(block.der)));
                }
            }
        } catch (GeneralSecurityException e) {
            throw new IOException("file " + file + ": certificate: " + e.getMessage(), e);
        }
        if (certificates.isEmpty()) {
            throw new IOException("file " + file + ": no certificate: expected PEM");
        }
        return certificates;
    }

    /** The first private key of a file, unencrypted; throws {@link IOException} with the file's name, never with its content. */
    static PrivateKey key(Path file) throws IOException {
        for (Block block : blocks(file)) {
            switch (block.label) {
                case "PRIVATE KEY" -> {
                    return key(file, block.der);
                }
                case "RSA PRIVATE KEY" -> {
                    return key(file, pkcs8(RSA, block.der));
                }
                case "EC PRIVATE KEY" -> {
                    return key(file, pkcs8(der(0x30, concat(EC, curve(file, block.der))), block.der));
                }
                default -> {}
            }
        }
        throw new IOException("file " + file + ": no private key: expected unencrypted PEM");
    }

    private static PrivateKey key(Path file, byte[] pkcs8) throws IOException {
        GeneralSecurityException last = null;
        for (String algorithm : List.of("EC", "RSA")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            } catch (GeneralSecurityException other) {
                last = other;
            }
        }
        throw new IOException("file " + file + ": private key: expected EC or RSA", last);
    }

    private static byte[] pkcs8(byte[] algorithm, byte[] key) {
        return der(0x30, concat(VERSION_0, algorithm, der(4, key)));
    }

    /** The parameters of ECPrivateKey (RFC 5915 §3), which stand behind its version and its octet string. */
    private static byte[] curve(Path file, byte[] der) throws IOException {
        int at = content(der, 0);
        for (int skipped = 0; skipped < 2; skipped++) {
            at = content(der, at) + length(der, at);
        }
        if (at < der.length && (der[at] & 0xFF) == 0xA0) {
            int from = content(der, at);
            return java.util.Arrays.copyOfRange(der, from, from + length(der, at));
        }
        throw new IOException("file " + file + ": EC key without its curve: expected PKCS#8");
    }

    private static int content(byte[] der, int at) {
        return (der[at + 1] & 0xFF) < 0x80 ? at + 2 : at + 2 + (der[at + 1] & 0x7F);
    }

    private static int length(byte[] der, int at) {
        int first = der[at + 1] & 0xFF;
        int length = first < 0x80 ? first : 0;
        for (int i = 0; first > 0x80 && i < (first & 0x7F); i++) {
            length = length << 8 | der[at + 2 + i] & 0xFF;
        }
        return length;
    }

    private static byte[] der(int tag, byte[] content) {
        int n = content.length;
        byte[] length = n < 0x80
                ? new byte[] {(byte) n}
                : n < 0x100 ? new byte[] {(byte) 0x81, (byte) n} : new byte[] {(byte) 0x82, (byte) (n >> 8), (byte) n};
        return concat(new byte[] {(byte) tag}, length, content);
    }

    private static byte[] concat(byte[]... parts) {
        var all = new java.io.ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static List<Block> blocks(Path file) throws IOException {
        List<Block> blocks = new ArrayList<>();
        Matcher matcher = BLOCK.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
        while (matcher.find()) {
            try {
                blocks.add(new Block(matcher.group(1), Base64.getMimeDecoder().decode(matcher.group(2))));
            } catch (IllegalArgumentException e) {
                throw new IOException("file " + file + ": " + matcher.group(1) + ": not Base64", e);
            }
        }
        return blocks;
    }
}
