package dev.ugate.identity;

import dev.ugate.model.NodeId;
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
import java.util.Optional;
import javax.crypto.KeyAgreement;

/** A P-256 key pair and what follows from it: the node's id, its name, its address. */
public final class NodeKey {
    private static final String CURVE = "secp256r1";
    private static final String SIGNATURE = "SHA256withECDSA";
    private static final int OCTETS = 32;
    private static final int POINT = 0xA1;

    /** AlgorithmIdentifier of a P-256 key (RFC 5480 §2.1.1). */
    private static final byte[] ALGORITHM = HexFormat.of().parseHex("301306072a8648ce3d020106082a8648ce3d030107");

    private final ECPrivateKey privateKey;
    private final ECPublicKey publicKey;

    private NodeKey(ECPrivateKey privateKey, ECPublicKey publicKey) {
        this.privateKey = privateKey;
        this.publicKey = publicKey;
    }

    public static NodeKey generate() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec(CURVE));
            var pair = generator.generateKeyPair();
            return new NodeKey((ECPrivateKey) pair.getPrivate(), (ECPublicKey) pair.getPublic());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The pair of a private key in PKCS#8; throws {@link IllegalArgumentException} for anything but P-256, without showing it. */
    public static NodeKey of(byte[] pkcs8) {
        try {
            ECPrivateKey key =
                    (ECPrivateKey) KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            Optional<byte[]> point = point(pkcs8);
            return new NodeKey(key, point.isPresent() ? at(point.get()) : publicOf(key));
        } catch (GeneralSecurityException | ClassCastException | IllegalArgumentException e) {
            throw new IllegalArgumentException("key: expected a P-256 key in PKCS#8", e);
        }
    }

    /**
     * The pair in PKCS#8 with its public point (RFC 5915 §3), as OpenSSL writes it: whoever has it need not compute, which costs a start
     * several megabytes.
     */
    public byte[] pkcs8() {
        byte[] s = privateKey.getS().toByteArray();
        byte[] secret = new byte[OCTETS];
        int length = Math.min(s.length, OCTETS);
        System.arraycopy(s, s.length - length, secret, OCTETS - length, length);
        byte[] key = Der.sequence(
                new byte[] {2, 1, 1},
                Der.element(Der.OCTET_STRING, secret),
                Der.element(POINT, Der.element(Der.BIT_STRING, new byte[1], marshalled())));
        byte[] whole = Der.sequence(new byte[] {2, 1, 0}, ALGORITHM, Der.element(Der.OCTET_STRING, key));
        for (byte[] copy : new byte[][] {s, secret, key}) {
            Arrays.fill(copy, (byte) 0);
        }
        return whole;
    }

    public PrivateKey privateKey() {
        return privateKey;
    }

    public ECPublicKey publicKey() {
        return publicKey;
    }

    /** 65 bytes: {@code 04‖X‖Y}. */
    public byte[] marshalled() {
        return PublicKeys.marshalled(publicKey);
    }

    public NodeId id() {
        return NodeId.of(marshalled());
    }

    /** The alias that stands for the node where only addresses pass. */
    public InetAddress vip() {
        return NodeId.vip(marshalled());
    }

    /** The name under a suffix of the mesh, which begins with a dot. */
    public String name(String suffix) {
        return id().text().toLowerCase(Locale.ROOT) + suffix;
    }

    /** ECDSA with SHA-256. */
    byte[] sign(byte[] text) {
        try {
            return signature(privateKey, text);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Without the private key. */
    @Override
    public String toString() {
        return "NodeKey[" + id() + "]";
    }

    private static Optional<byte[]> point(byte[] pkcs8) {
        DerReader outside = new DerReader(pkcs8).into(Der.SEQUENCE);
        outside.content();
        outside.content();
        DerReader key = outside.into(Der.OCTET_STRING).into(Der.SEQUENCE);
        key.content();
        key.content();
        while (key.hasMore()) {
            if (key.tag() == POINT) {
                return Optional.of(key.into(POINT).bits());
            }
            key.content();
        }
        return Optional.empty();
    }

    private static ECPublicKey at(byte[] point) throws GeneralSecurityException {
        byte[] info = Der.sequence(ALGORITHM, Der.element(Der.BIT_STRING, new byte[1], point));
        return (ECPublicKey) KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(info));
    }

    /**
     * PKCS#8 need not hold the public point, and the JDK has no way to multiply; but the shared secret with the generator is the X of
     * {@code d·G}, and of the two points that have it one verifies what the key signs.
     */
    private static ECPublicKey publicOf(ECPrivateKey key) throws GeneralSecurityException {
        AlgorithmParameters named = AlgorithmParameters.getInstance("EC");
        named.init(new ECGenParameterSpec(CURVE));
        ECParameterSpec curve = named.getParameterSpec(ECParameterSpec.class);
        if (!key.getParams().getCurve().equals(curve.getCurve())) {
            throw new GeneralSecurityException("another curve");
        }
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
            if (isPair(key, point)) {
                return point;
            }
        }
        throw new GeneralSecurityException("no such point");
    }

    private static boolean isPair(PrivateKey key, ECPublicKey point) throws GeneralSecurityException {
        Signature signature = Signature.getInstance(SIGNATURE);
        signature.initVerify(point);
        return signature.verify(signature(key, new byte[0]));
    }

    private static byte[] signature(PrivateKey key, byte[] text) throws GeneralSecurityException {
        Signature signature = Signature.getInstance(SIGNATURE);
        signature.initSign(key);
        signature.update(text);
        return signature.sign();
    }
}
