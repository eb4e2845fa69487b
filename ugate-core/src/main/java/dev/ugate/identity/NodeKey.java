package dev.ugate.identity;

import dev.ugate.model.mesh.NodeId;
import dev.ugate.model.x509.Der;
import dev.ugate.model.x509.DerReader;
import dev.ugate.model.x509.PublicKeys;
import java.math.BigInteger;
import java.net.InetAddress;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import javax.crypto.KeyAgreement;
import org.jspecify.annotations.Nullable;

/**
 * A P-256 key pair and what follows from it: the node's id, its name, its address. The JDK's cryptography is not touched before somebody
 * signs: who only asks for the id pays nothing for it.
 */
public final class NodeKey {
    private static final String CURVE = "secp256r1";
    private static final String SIGNATURE = "SHA256withECDSA";
    private static final int OCTETS = 32;
    private static final int POINT = 0xA1;

    /** AlgorithmIdentifier of a P-256 key (RFC 5480 §2.1.1). */
    private static final byte[] ALGORITHM = HexFormat.of().parseHex("301306072a8648ce3d020106082a8648ce3d030107");

    private final byte[] pkcs8;
    private final byte[] point;
    private @Nullable ECPrivateKey privateKey;
    private @Nullable ECPublicKey publicKey;

    private NodeKey(byte[] secret, byte[] point) {
        this.point = point;
        this.pkcs8 = encoded(secret, point);
    }

    public static NodeKey generate() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec(CURVE));
            var pair = generator.generateKeyPair();
            return new NodeKey(secret((ECPrivateKey) pair.getPrivate()), PublicKeys.marshalled(pair.getPublic()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The pair of a private key in PKCS#8; throws {@link IllegalArgumentException} for anything but P-256, without showing it. */
    public static NodeKey of(byte[] pkcs8) {
        try {
            DerReader outside = new DerReader(pkcs8).into(Der.SEQUENCE);
            outside.content();
            if (!Arrays.equals(outside.whole(), ALGORITHM)) {
                throw new IllegalArgumentException("another kind");
            }
            DerReader key = outside.into(Der.OCTET_STRING).into(Der.SEQUENCE);
            key.content();
            byte[] secret = key.content(Der.OCTET_STRING);
            while (key.hasMore() && key.tag() != POINT) {
                key.content();
            }
            byte[] point = key.hasMore() ? key.into(POINT).bits() : PublicKeys.marshalled(publicOf(pkcs8));
            if (secret.length != OCTETS || point.length != 1 + 2 * OCTETS || point[0] != 4) {
                throw new IllegalArgumentException("another length");
            }
            return new NodeKey(secret, point);
        } catch (GeneralSecurityException | ClassCastException | IllegalArgumentException e) {
            throw new IllegalArgumentException("key: expected a P-256 key in PKCS#8", e);
        }
    }

    /** The pair in PKCS#8 with its public point (RFC 5915 §3), as OpenSSL writes it. */
    public byte[] pkcs8() {
        return pkcs8.clone();
    }

    private static byte[] encoded(byte[] secret, byte[] point) {
        byte[] key = Der.sequence(
                new byte[] {2, 1, 1},
                Der.element(Der.OCTET_STRING, secret),
                Der.element(POINT, Der.element(Der.BIT_STRING, new byte[1], point)));
        return Der.sequence(new byte[] {2, 1, 0}, ALGORITHM, Der.element(Der.OCTET_STRING, key));
    }

    /** In 32 octets, whatever it begins with. */
    private static byte[] secret(ECPrivateKey key) {
        byte[] number = key.getS().toByteArray();
        byte[] secret = new byte[OCTETS];
        int length = Math.min(number.length, OCTETS);
        System.arraycopy(number, number.length - length, secret, OCTETS - length, length);
        return secret;
    }

    public synchronized PrivateKey privateKey() {
        if (privateKey == null) {
            try {
                privateKey =
                        (ECPrivateKey) KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }
        return privateKey;
    }

    public synchronized ECPublicKey publicKey() {
        if (publicKey == null) {
            byte[] info = Der.sequence(ALGORITHM, Der.element(Der.BIT_STRING, new byte[1], point));
            try {
                publicKey = (ECPublicKey) KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(info));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }
        return publicKey;
    }

    /** 65 bytes: {@code 04‖X‖Y}. */
    public byte[] marshalled() {
        return point.clone();
    }

    public NodeId id() {
        return NodeId.of(point);
    }

    /** The alias that stands for the node where only addresses pass. */
    public InetAddress vip() {
        return NodeId.vip(point);
    }

    /** The name under a suffix of the mesh, which begins with a dot. */
    public String name(String suffix) {
        return id().text().toLowerCase(Locale.ROOT) + suffix;
    }

    /** ECDSA with SHA-256. */
    byte[] sign(byte[] text) {
        try {
            return signature(privateKey(), text);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Without the private key. */
    @Override
    public String toString() {
        return "NodeKey[" + id() + "]";
    }

    /**
     * PKCS#8 need not hold the public point, and the JDK has no way to multiply; but the shared secret with the generator is the X of
     * {@code d·G}, and of the two points that have it one verifies what the key signs.
     */
    private static ECPublicKey publicOf(byte[] pkcs8) throws GeneralSecurityException {
        ECPrivateKey key = (ECPrivateKey) KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
        AlgorithmParameters named = AlgorithmParameters.getInstance("EC");
        named.init(new ECGenParameterSpec(CURVE));
        ECParameterSpec curve = named.getParameterSpec(ECParameterSpec.class);
        KeyFactory factory = KeyFactory.getInstance("EC");
        KeyAgreement agreement = KeyAgreement.getInstance("ECDH");
        agreement.init(key);
        agreement.doPhase(factory.generatePublic(new ECPublicKeySpec(curve.getGenerator(), curve)), true);
        BigInteger x = new BigInteger(1, agreement.generateSecret());
        BigInteger p = ((ECFieldFp) curve.getCurve().getField()).getP();
        BigInteger square = x.pow(3)
                .add(curve.getCurve().getA().multiply(x))
                .add(curve.getCurve().getB())
                .mod(p);
        // p ≡ 3 (mod 4), so this power is a root.
        BigInteger y = square.modPow(p.add(BigInteger.ONE).shiftRight(2), p);
        for (BigInteger candidate : new BigInteger[] {y, p.subtract(y)}) {
            ECPublicKey point =
                    (ECPublicKey) factory.generatePublic(new ECPublicKeySpec(new ECPoint(x, candidate), curve));
            if (PublicKeys.isPair(key, point)) {
                return point;
            }
        }
        throw new GeneralSecurityException("no such point");
    }

    private static byte[] signature(PrivateKey key, byte[] text) throws GeneralSecurityException {
        Signature signature = Signature.getInstance(SIGNATURE);
        signature.initSign(key);
        signature.update(text);
        return signature.sign();
    }
}
