package dev.ugate.protocols.ssh.wire;

import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.ChaCha20ParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * {@code chacha20-poly1305@openssh.com}: the length under a key of its own, the tag over what was encrypted (OpenSSH's
 * PROTOCOL.chacha20poly1305). The JDK's ChaCha20 has a counter of 32 bits and a nonce of 96, which is the original's layout with a
 * nonce that begins with the counter's upper half: zero, since packets are small.
 */
public final class ChaChaPoly implements PacketCipher {
    public static final int KEY = 64;
    private static final int TAG = Poly1305.TAG;
    private static final int NONCE = 12;
    private static final int BLOCK = 64;
    private static final byte[] ZEROS = new byte[BLOCK];

    private final Cipher lengths = cipher();
    private final Cipher bodies = cipher();
    private final SecretKeySpec lengthKey;
    private final SecretKeySpec bodyKey;
    private final Poly1305 poly = new Poly1305();
    private final byte[] nonce = new byte[NONCE];
    private final byte[] scratch = new byte[BLOCK];
    private final int mode;

    /** {@code seals}: the direction. */
    public ChaChaPoly(byte[] key, boolean seals) {
        // The first half is for bodies, the second one for lengths.
        this.bodyKey = new SecretKeySpec(key, 0, KEY / 2, "ChaCha20");
        this.lengthKey = new SecretKeySpec(key, KEY / 2, KEY / 2, "ChaCha20");
        this.mode = seals ? Cipher.ENCRYPT_MODE : Cipher.DECRYPT_MODE;
    }

    private static Cipher cipher() {
        try {
            return Cipher.getInstance("ChaCha20");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public int block() {
        return 8;
    }

    @Override
    public int tag() {
        return TAG;
    }

    @Override
    public int length(int sequence, byte[] packet, int at) {
        try {
            begin(lengths, lengthKey, sequence);
            lengths.doFinal(packet, at, 4, scratch, 0);
            return Bytes.u32(scratch, 0);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void open(int sequence, byte[] packet, int at, int length, byte[] out, int to) {
        try {
            beginBody(sequence);
            poly.compute(scratch, packet, at, 4 + length, scratch, BLOCK - TAG);
            if (!same(packet, at + 4 + length)) {
                // The stream must be finished before the cipher takes its next nonce.
                throw Violation.of(Disconnect.MAC_ERROR, "packet: wrong tag");
            }
            bodies.doFinal(packet, at + 4, length, out, to);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Looks at every byte, whatever the first ones are. */
    private boolean same(byte[] packet, int at) {
        long first = Bytes.little(packet, at) ^ Bytes.little(scratch, BLOCK - TAG);
        long second = Bytes.little(packet, at + 8) ^ Bytes.little(scratch, BLOCK - TAG + 8);
        return (first | second) == 0;
    }

    @Override
    public void seal(int sequence, byte[] packet, int at, int length) {
        try {
            begin(lengths, lengthKey, sequence);
            lengths.doFinal(packet, at, 4, packet, at);
            beginBody(sequence);
            bodies.doFinal(packet, at + 4, length, packet, at + 4);
            poly.compute(scratch, packet, at, 4 + length, packet, at + 4 + length);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Block 0 of the stream is the key of the tag; the body begins at block 1. */
    private void beginBody(int sequence) throws GeneralSecurityException {
        begin(bodies, bodyKey, sequence);
        bodies.update(ZEROS, 0, BLOCK, scratch, 0);
    }

    private void begin(Cipher cipher, SecretKeySpec key, int sequence) throws GeneralSecurityException {
        Bytes.u32(nonce, NONCE - 4, sequence);
        cipher.init(mode, key, new ChaCha20ParameterSpec(nonce, 0));
    }
}
