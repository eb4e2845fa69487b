package dev.ugate.model.ssh;

import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** A kind of public key that is taken, by the word that its encoding begins with. */
public enum KeyType {
    ED25519("ssh-ed25519", 4, 32, "302a300506032b6570032100"),
    P256("ecdsa-sha2-nistp256", 3, 65, "3059301306072a8648ce3d020106082a8648ce3d030107034200"),
    P384("ecdsa-sha2-nistp384", 3, 97, "3076301006072a8648ce3d020106052b81040022036200"),
    P521("ecdsa-sha2-nistp521", 3, 133, "30819b301006072a8648ce3d020106052b8104002303818600"),
    RSA("ssh-rsa", 1, 0, ""),
    SK_ED25519("sk-ssh-ed25519@openssh.com", 0, 32, ED25519.head),
    SK_P256("sk-ecdsa-sha2-nistp256@openssh.com", 0, 65, P256.head);

    private static final String CERTIFIED = "-cert-v01@openssh.com";

    private final String word;
    private final int sshfp;
    private final int octets;
    private final String head;

    KeyType(String word, int sshfp, int octets, String head) {
        this.word = word;
        this.sshfp = sshfp;
        this.octets = octets;
        this.head = head;
    }

    /** The kind of a plain key; empty for words that are not taken. */
    public static Optional<KeyType> of(String word) {
        for (KeyType type : values()) {
            if (type.word.equals(word)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    /** The kind of the key in a certificate. */
    public static Optional<KeyType> certified(String word) {
        for (KeyType type : values()) {
            if (type.certificate().equals(word)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    public String word() {
        return word;
    }

    /** The word of a certificate for such a key. */
    public String certificate() {
        int at = word.indexOf('@');
        return (at < 0 ? word : word.substring(0, at)) + CERTIFIED;
    }

    /** Words of the signatures that such a key makes, best first. */
    public List<String> signatures() {
        return this == RSA ? List.of("rsa-sha2-512", "rsa-sha2-256") : List.of(word);
    }

    /** Whether the private key is in a token that says whether somebody touched it. */
    public boolean isInToken() {
        return this == SK_ED25519 || this == SK_P256;
    }

    /** RFC 4255 §3.1.1 and its successors; zero where there is no number. */
    int sshfp() {
        return sshfp;
    }

    /** The word of the curve in encodings of EC keys (RFC 5656 §6.1); empty for others. */
    Optional<String> curve() {
        return switch (this) {
            case P256, SK_P256 -> Optional.of("nistp256");
            case P384 -> Optional.of("nistp384");
            case P521 -> Optional.of("nistp521");
            case ED25519, SK_ED25519, RSA -> Optional.empty();
        };
    }

    /** Of the key itself: a point; none for RSA. */
    int octets() {
        return octets;
    }

    /** What a SubjectPublicKeyInfo (RFC 5280 §4.1.2.7) has in front of the key itself; none for RSA. */
    byte[] head() {
        return HexFormat.of().parseHex(head);
    }
}
