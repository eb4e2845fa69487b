package dev.ugate.identity;

import dev.ugate.model.ssh.SshPrivateKey;
import dev.ugate.model.x509.Der;
import dev.ugate.model.x509.DerReader;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** The Ed25519 key by which SSH knows a node. The JDK's cryptography is not touched before somebody asks for the pair. */
public final class SshNodeKey {
    /** Everything of PKCS#8 before the key's own octets (RFC 8410 §7). */
    private static final byte[] HEAD = HexFormat.of().parseHex("302e020100300506032b657004220420");

    private static final byte[] ALGORITHM = HexFormat.of().parseHex("300506032b6570");

    private final byte[] seed;
    private @Nullable SshPrivateKey pair;

    private SshNodeKey(byte[] seed) {
        this.seed = seed;
    }

    public static SshNodeKey generate() {
        byte[] seed = new byte[SshPrivateKey.SEED];
        new SecureRandom().nextBytes(seed);
        return new SshNodeKey(seed);
    }

    /** Throws {@link IllegalArgumentException} for anything but an Ed25519 key in PKCS#8, without showing it. */
    public static SshNodeKey of(byte[] pkcs8) {
        try {
            DerReader key = new DerReader(pkcs8).into(Der.SEQUENCE);
            key.content();
            if (Arrays.equals(key.whole(), ALGORITHM)) {
                byte[] seed = key.into(Der.OCTET_STRING).content(Der.OCTET_STRING);
                if (seed.length == SshPrivateKey.SEED) {
                    return new SshNodeKey(seed);
                }
            }
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("key: expected an Ed25519 key in PKCS#8", e);
        }
        throw new IllegalArgumentException("key: expected an Ed25519 key in PKCS#8");
    }

    byte[] pkcs8() {
        return Der.join(HEAD, seed);
    }

    public synchronized SshPrivateKey pair() {
        if (pair == null) {
            pair = SshPrivateKey.ed25519(seed);
        }
        return pair;
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "SshNodeKey";
    }
}
