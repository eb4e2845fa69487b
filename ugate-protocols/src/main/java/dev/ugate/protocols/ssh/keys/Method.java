package dev.ugate.protocols.ssh.keys;

import dev.ugate.protocols.ssh.wire.Disconnect;
import dev.ugate.protocols.ssh.wire.Violation;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The key exchange methods, in the order of preference: first those that quantum computers are not known to break. */
public enum Method {
    MLKEM768("mlkem768x25519-sha256", "SHA-256", MlKem::new),
    SNTRUP761("sntrup761x25519-sha512", "SHA-512", Sntrup::new),
    SNTRUP761_OPENSSH("sntrup761x25519-sha512@openssh.com", "SHA-512", Sntrup::new),
    CURVE25519("curve25519-sha256", "SHA-256", null),
    CURVE25519_LIBSSH("curve25519-sha256@libssh.org", "SHA-256", null);

    private final String label;
    private final String digest;
    private final @Nullable Supplier<Kem> kem;

    Method(String label, String digest, @Nullable Supplier<Kem> kem) {
        this.label = label;
        this.digest = digest;
        this.kem = kem;
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

    /** The client's half of one exchange. */
    public Agreement begin(SecureRandom random) {
        return kem == null ? new Curve(random) : new Hybrid(this, kem.get(), random);
    }

    /** The server's half of one exchange. */
    public Agreement.Answer answer(byte[] init, SecureRandom random) {
        return kem == null ? Curve.answer(init, random) : Hybrid.answer(this, kem.get(), init, random);
    }
}
