package dev.ugate.protocols.ssh.keys;

import dev.ugate.protocols.ssh.wire.Disconnect;
import dev.ugate.protocols.ssh.wire.Violation;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The key exchange methods, in the order of preference: first those that quantum computers are not known to break. */
public enum Method {
    MLKEM768("mlkem768x25519-sha256", "SHA-256"),
    SNTRUP761("sntrup761x25519-sha512", "SHA-512"),
    SNTRUP761_OPENSSH("sntrup761x25519-sha512@openssh.com", "SHA-512"),
    CURVE25519("curve25519-sha256", "SHA-256"),
    CURVE25519_LIBSSH("curve25519-sha256@libssh.org", "SHA-256");

    private final String label;
    private final String digest;

    Method(String label, String digest) {
        this.label = label;
        this.digest = digest;
    }

    public static List<String> labels() {
        return Stream.of(values()).map(Method::label).toList();
    }

    public static Method of(String label) {
        return Stream.of(values())
                .filter(method -> method.label.equals(label))
                .findFirst()
                .orElseThrow(() -> Violation.of(Disconnect.KEY_EXCHANGE_FAILED, "key exchange: none in common"));
    }

    public String label() {
        return label;
    }

    public MessageDigest digest() {
        try {
            return MessageDigest.getInstance(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What stands beside the curve. */
    private @Nullable Kem kem() {
        return switch (this) {
            case MLKEM768 -> new MlKem();
            case SNTRUP761, SNTRUP761_OPENSSH -> new Sntrup();
            case CURVE25519, CURVE25519_LIBSSH -> null;
        };
    }

    /** The client's half of one exchange. */
    public Agreement begin(SecureRandom random) {
        Kem kem = kem();
        return kem == null ? new Curve(random) : new Hybrid(this, kem, random);
    }

    /** The server's half of one exchange. */
    public Agreement.Answer answer(byte[] init, SecureRandom random) {
        Kem kem = kem();
        return kem == null ? Curve.answer(init, random) : Hybrid.answer(this, kem, init, random);
    }
}
