package dev.ugate.protocols.ssh.keys;

import dev.ugate.protocols.ssh.wire.PacketCipher;
import java.security.MessageDigest;
import java.util.Arrays;

/** The keys of one exchange (RFC 4253 §7.2), for both directions. */
public final class Keys {
    private final Method method;
    private final byte[] secret;
    private final byte[] hash;
    private final byte[] sessionId;

    public Keys(Method method, byte[] secret, byte[] hash, byte[] sessionId) {
        this.method = method;
        this.secret = secret;
        this.hash = hash;
        this.sessionId = sessionId;
    }

    public PacketCipher toServer(Suite suite, boolean seals) {
        return suite.cipher(derive('C', suite.keySize()), derive('A', suite.nonceSize()), seals);
    }

    public PacketCipher toClient(Suite suite, boolean seals) {
        return suite.cipher(derive('D', suite.keySize()), derive('B', suite.nonceSize()), seals);
    }

    byte[] derive(char letter, int size) {
        MessageDigest digest = method.digest();
        digest.update(secret);
        digest.update(hash);
        digest.update((byte) letter);
        byte[] all = digest.digest(sessionId);
        while (all.length < size) {
            digest.update(secret);
            digest.update(hash);
            byte[] more = digest.digest(all);
            int had = all.length;
            all = Arrays.copyOf(all, had + more.length);
            System.arraycopy(more, 0, all, had, more.length);
        }
        return Arrays.copyOf(all, size);
    }
}
