package dev.ugate.config.mesh;

import dev.ugate.model.mesh.NodeId;
import java.net.InetAddress;
import java.util.Base64;

/** A node's P-256 key as it is written in a file: Base64 (RFC 4648 §4) of the 65 bytes {@code 04‖X‖Y}. */
public record PublicKey(String text) {
    private static final int BYTES = 65;
    private static final int UNCOMPRESSED = 4;

    /** Throws {@link IllegalArgumentException} for anything else. */
    public PublicKey {
        byte[] key;
        try {
            key = Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("public key: not Base64: expected that of 65 bytes", e);
        }
        if (key.length != BYTES || key[0] != UNCOMPRESSED) {
            throw new IllegalArgumentException(
                    "public key: " + key.length + " bytes: expected 65 that begin with 04 (P-256, uncompressed)");
        }
        text = Base64.getEncoder().encodeToString(key);
    }

    public NodeId id() {
        return NodeId.of(bytes());
    }

    /** The alias that stands for the node where only addresses pass. */
    public InetAddress vip() {
        return NodeId.vip(bytes());
    }

    @Override
    public String toString() {
        return text;
    }

    private byte[] bytes() {
        return Base64.getDecoder().decode(text);
    }
}
