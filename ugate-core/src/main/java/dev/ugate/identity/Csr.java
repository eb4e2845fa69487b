package dev.ugate.identity;

import dev.ugate.model.x509.Der;
import dev.ugate.model.x509.DerReader;
import dev.ugate.model.x509.PemText;
import dev.ugate.model.x509.PublicKeys;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.security.auth.x500.X500Principal;

/** A request for a certificate (PKCS#10, RFC 2986): a key and the proof that its holder asks. Whatever else is in it is not read (T114). */
public record Csr(PublicKey key) {
    /** By the content of their object identifiers; a request with another algorithm is refused (L46). */
    private static final Map<String, String> SIGNATURES = Map.of(
            "2a8648ce3d040302", "SHA256withECDSA",
            "2a8648ce3d040303", "SHA384withECDSA",
            "2a8648ce3d040304", "SHA512withECDSA",
            "2a864886f70d01010b", "SHA256withRSA",
            "2a864886f70d01010c", "SHA384withRSA",
            "2a864886f70d01010d", "SHA512withRSA",
            "2b6570", "Ed25519");

    private static final Map<String, String> KEYS = Map.of(
            "2a8648ce3d0201", "EC",
            "2a864886f70d010101", "RSA",
            "2b6570", "Ed25519");

    private static final int ATTRIBUTES = 0xA0;

    /** Reads PEM. Throws {@link IllegalArgumentException} for what is no request, a proof that is none, and a weak key. */
    public static Csr parse(String text) {
        List<byte[]> blocks = PemText.blocks(text, PemText.REQUEST);
        if (blocks.size() != 1) {
            throw new IllegalArgumentException("request: " + blocks.size() + " in the file: expected one in PEM");
        }
        DerReader request = new DerReader(blocks.get(0)).into(Der.SEQUENCE);
        byte[] body = request.whole();
        String algorithm = oid(request.into(Der.SEQUENCE));
        byte[] signature = request.bits();
        DerReader info = new DerReader(body).into(Der.SEQUENCE);
        info.content();
        info.content();
        PublicKey key = key(info.whole());
        if (!PublicKeys.isAccepted(key)) {
            throw new IllegalArgumentException(
                    "request: weak key: expected Ed25519, P-256, P-384, or RSA of 2048 bits or more");
        }
        if (!SIGNATURES.containsKey(algorithm)) {
            throw new IllegalArgumentException(
                    "request: signature algorithm: expected ECDSA, RSA or Ed25519 with SHA-256 or more");
        }
        if (!isProof(SIGNATURES.get(algorithm), key, body, signature)) {
            throw new IllegalArgumentException("request: signature does not verify: expected that of its own key");
        }
        return new Csr(key);
    }

    /** The request of a key's holder, in PEM. */
    public static String text(NodeKey key) {
        byte[] body = Der.sequence(
                new byte[] {2, 1, 0},
                new X500Principal("").getEncoded(),
                key.publicKey().getEncoded(),
                Der.element(ATTRIBUTES));
        return PemText.text(PemText.REQUEST, Draft.signed(body, key));
    }

    private static String oid(DerReader algorithm) {
        return HexFormat.of().formatHex(algorithm.content(Der.OID));
    }

    private static PublicKey key(byte[] info) {
        String kind = oid(new DerReader(info).into(Der.SEQUENCE).into(Der.SEQUENCE));
        if (!KEYS.containsKey(kind)) {
            throw new IllegalArgumentException("request: kind of key: expected EC, RSA or Ed25519");
        }
        try {
            return KeyFactory.getInstance(KEYS.get(kind)).generatePublic(new X509EncodedKeySpec(info));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("request: key: " + e.getMessage(), e);
        }
    }

    private static boolean isProof(String algorithm, PublicKey key, byte[] body, byte[] proof) {
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initVerify(key);
            signature.update(body);
            return signature.verify(proof);
        } catch (GeneralSecurityException refused) {
            return false;
        }
    }
}
