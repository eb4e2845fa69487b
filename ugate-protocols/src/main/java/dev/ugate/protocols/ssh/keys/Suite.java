package dev.ugate.protocols.ssh.keys;

import dev.ugate.protocols.ssh.wire.AesGcm;
import dev.ugate.protocols.ssh.wire.ChaChaPoly;
import dev.ugate.protocols.ssh.wire.PacketCipher;
import java.util.List;
import java.util.stream.Stream;

/** The ciphers, in the order of preference; each authenticates by itself. */
public enum Suite {
    AES128_GCM("aes128-gcm@openssh.com", 16, AesGcm.NONCE),
    AES256_GCM("aes256-gcm@openssh.com", 32, AesGcm.NONCE),
    CHACHA20_POLY1305("chacha20-poly1305@openssh.com", ChaChaPoly.KEY, 0);

    private final String label;
    private final int keySize;
    private final int nonceSize;

    Suite(String label, int keySize, int nonceSize) {
        this.label = label;
        this.keySize = keySize;
        this.nonceSize = nonceSize;
    }

    public static List<String> labels() {
        return Stream.of(values()).map(Suite::label).toList();
    }

    public static Suite of(String label) {
        return Stream.of(values())
                .filter(suite -> suite.label.equals(label))
                .findFirst()
                .orElseThrow(() -> Agreement.bad("no cipher in common"));
    }

    public String label() {
        return label;
    }

    public int keySize() {
        return keySize;
    }

    public int nonceSize() {
        return nonceSize;
    }

    /** Whether a packet that was cut off before the keys came would be noticed: by the cipher's own counter (T69). */
    public boolean countsByItself() {
        return this != CHACHA20_POLY1305;
    }

    public PacketCipher cipher(byte[] key, byte[] nonce, boolean seals) {
        return this == CHACHA20_POLY1305 ? new ChaChaPoly(key, seals) : new AesGcm(key, nonce, seals);
    }
}
