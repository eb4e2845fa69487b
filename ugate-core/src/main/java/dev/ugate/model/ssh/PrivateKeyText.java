package dev.ugate.model.ssh;

import dev.ugate.model.x509.Der;
import dev.ugate.model.x509.DerReader;
import dev.ugate.model.x509.PemText;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPrivateKeySpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPrivateCrtKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Private keys as text, without a passphrase: OpenSSH's own form (PROTOCOL.key) and PKCS#8. What cannot be read is an
 * {@link IllegalArgumentException} that never shows a key.
 */
public final class PrivateKeyText {
    /** The label of OpenSSH's own form. */
    public static final String OPENSSH = "OPENSSH PRIVATE KEY";

    private static final byte[] MAGIC = "openssh-key-v1\0".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] ED25519 = HexFormat.of().parseHex("06032b6570");
    private static final int POINT = 0xA1;

    private PrivateKeyText() {}

    /** The first key of the text. */
    public static SshPrivateKey parse(String text) {
        try {
            List<byte[]> own = PemText.blocks(text, OPENSSH);
            if (!own.isEmpty()) {
                return openssh(own.get(0));
            }
            List<byte[]> pkcs8 = PemText.blocks(text, PemText.PRIVATE_KEY);
            if (!pkcs8.isEmpty()) {
                return pkcs8(pkcs8.get(0));
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("private key: " + e.getMessage(), e);
        }
        throw new IllegalArgumentException("no private key: expected one of OpenSSH or PKCS#8, without a passphrase");
    }

    private static SshPrivateKey openssh(byte[] bytes) throws GeneralSecurityException {
        if (bytes.length < MAGIC.length || !Arrays.equals(MAGIC, 0, MAGIC.length, bytes, 0, MAGIC.length)) {
            throw new IllegalArgumentException("private key: expected openssh-key-v1");
        }
        SshReader in = new SshReader(Arrays.copyOfRange(bytes, MAGIC.length, bytes.length));
        String cipher = in.text();
        String derivation = in.text();
        if (!cipher.equals("none") || !derivation.equals("none")) {
            throw new IllegalArgumentException("private key: encrypted: expected one without a passphrase");
        }
        in.string();
        if (in.u32() != 1) {
            throw new IllegalArgumentException("private key: several: expected one");
        }
        SshKey key = SshKey.parse(in.string());
        SshReader secret = in.into();
        in.end();
        long check = secret.u32();
        if (check != secret.u32() || !secret.text().equals(key.type().word())) {
            throw new IllegalArgumentException("private key: not whole: expected that of " + key);
        }
        SshPrivateKey pair = new SshPrivateKey(key, secret(key, secret));
        secret.string(); // a comment
        for (int padding = 1; secret.hasMore(); padding++) {
            if (secret.u8() != (padding & 0xFF)) {
                throw new IllegalArgumentException("private key: padding: expected 1, 2, 3 …");
            }
        }
        return proven(pair);
    }

    private static PrivateKey secret(SshKey key, SshReader in) throws GeneralSecurityException {
        return switch (key.type()) {
            case ED25519 -> {
                in.string();
                byte[] both = in.string();
                if (both.length != 2 * SshPrivateKey.SEED) {
                    throw new IllegalArgumentException("private key: " + both.length + " octets: expected 64");
                }
                yield SshPrivateKey.secret(Arrays.copyOf(both, SshPrivateKey.SEED));
            }
            case P256, P384, P521 -> {
                in.string();
                in.string();
                yield ec(key.type(), in.mpint());
            }
            case RSA -> rsa(in);
            case SK_ED25519, SK_P256 ->
                throw new IllegalArgumentException("private key: in a token: expected one in the file");
        };
    }

    private static PrivateKey ec(KeyType type, BigInteger number) throws GeneralSecurityException {
        String curve =
                switch (type) {
                    case P384 -> "secp384r1";
                    case P521 -> "secp521r1";
                    default -> "secp256r1";
                };
        AlgorithmParameters named = AlgorithmParameters.getInstance("EC");
        named.init(new ECGenParameterSpec(curve));
        return KeyFactory.getInstance("EC")
                .generatePrivate(new ECPrivateKeySpec(number, named.getParameterSpec(ECParameterSpec.class)));
    }

    private static PrivateKey rsa(SshReader in) throws GeneralSecurityException {
        BigInteger modulus = in.mpint();
        BigInteger exponent = in.mpint();
        BigInteger secret = in.mpint();
        BigInteger coefficient = in.mpint();
        BigInteger p = in.mpint();
        BigInteger q = in.mpint();
        if (p.compareTo(BigInteger.ONE) <= 0 || q.compareTo(BigInteger.ONE) <= 0) {
            throw new IllegalArgumentException("private key: factors: expected two above 1");
        }
        return KeyFactory.getInstance("RSA")
                .generatePrivate(new RSAPrivateCrtKeySpec(
                        modulus,
                        exponent,
                        secret,
                        p,
                        q,
                        secret.mod(p.subtract(BigInteger.ONE)),
                        secret.mod(q.subtract(BigInteger.ONE)),
                        coefficient));
    }

    private static SshPrivateKey pkcs8(byte[] der) throws GeneralSecurityException {
        DerReader info = new DerReader(der).into(Der.SEQUENCE);
        info.content();
        byte[] algorithm = info.content(Der.SEQUENCE);
        byte[] inside = info.content(Der.OCTET_STRING);
        if (Arrays.equals(algorithm, ED25519)) {
            return SshPrivateKey.ed25519(new DerReader(inside).content(Der.OCTET_STRING));
        }
        PrivateKey secret = PemText.key(der);
        if (secret instanceof RSAPrivateCrtKey rsa) {
            return proven(new SshPrivateKey(
                    SshKey.of(KeyFactory.getInstance("RSA")
                            .generatePublic(new RSAPublicKeySpec(rsa.getModulus(), rsa.getPublicExponent()))),
                    secret));
        }
        DerReader key = new DerReader(inside).into(Der.SEQUENCE);
        while (key.hasMore() && key.tag() != POINT) {
            key.content();
        }
        if (!key.hasMore()) {
            throw new IllegalArgumentException("private key: without its public point: expected OpenSSH's form");
        }
        byte[] info8 = Der.sequence(
                Der.sequence(algorithm),
                Der.element(Der.BIT_STRING, new byte[1], key.into(POINT).bits()));
        return proven(new SshPrivateKey(
                SshKey.of(KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(info8))),
                KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der))));
    }

    private static SshPrivateKey proven(SshPrivateKey pair) throws GeneralSecurityException {
        byte[] nothing = new byte[0];
        if (!SshSignature.parse(pair.sign(nothing)).verifies(pair.publicKey(), nothing)) {
            throw new IllegalArgumentException("private key: not that of " + pair.publicKey() + ": expected a pair");
        }
        return pair;
    }
}
