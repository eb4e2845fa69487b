package dev.ugate.protocols.ssh.auth;

import dev.ugate.model.ssh.KeyType;
import dev.ugate.model.ssh.SshCertificate;
import dev.ugate.model.ssh.SshKey;
import dev.ugate.model.ssh.SshSignature;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a client wants to log in with.
 *
 * @param signature the algorithm that it signs with
 */
public record UserKey(SshKey key, Optional<SshCertificate> certificate, String signature) {
    private static final String CERTIFIED = "-cert-v01@openssh.com";
    private static final String RSA = "rsa-sha2-";

    /** The algorithms of signatures that are taken, for {@code server-sig-algs} (RFC 8308 §3.1), best first. */
    public static final List<String> ALGORITHMS = algorithms();

    private static List<String> algorithms() {
        List<String> all = new ArrayList<>();
        for (KeyType type : KeyType.values()) {
            all.addAll(type.signatures());
        }
        return List.copyOf(all);
    }

    /** What an algorithm and an encoding make together; throws {@link IllegalArgumentException} where they make nothing. */
    static UserKey parse(String algorithm, byte[] blob) {
        boolean certified = algorithm.endsWith(CERTIFIED);
        Optional<SshCertificate> certificate = certified ? Optional.of(SshCertificate.parse(blob)) : Optional.empty();
        SshKey key = certificate.map(SshCertificate::key).orElseGet(() -> SshKey.parse(blob));
        String signature = key.type().signatures().stream()
                .filter(each -> algorithm.equals(certified ? certified(key.type(), each) : each))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "algorithm " + algorithm + ": of no key " + key.type().word()));
        return new UserKey(key, certificate, signature);
    }

    /** The algorithm of a certificate whose key signs like this. */
    static String certified(KeyType type, String signature) {
        return type == KeyType.RSA ? signature + CERTIFIED : type.certificate();
    }

    /** Whether an algorithm is one of RSA, of which there are several for one key. */
    static boolean isRsa(String signature) {
        return signature.startsWith(RSA);
    }

    /** Whether a signature, as the wire has it, is one of this key over {@code data}; throws {@link IllegalArgumentException} for what is none. */
    boolean signed(byte[] data, SshSignature made) {
        return made.algorithm().equals(signature) && made.verifies(key, data);
    }

    /** The keys that it depends on: its own, and that of the authority. */
    Stream<SshKey> keys() {
        return Stream.concat(Stream.of(key), certificate.map(SshCertificate::authority).stream());
    }

    @Override
    public String toString() {
        return certificate.map(SshCertificate::toString).orElseGet(key::toString);
    }
}
