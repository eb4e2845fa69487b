package dev.ugate.protocols.ssh.wire;

import java.security.GeneralSecurityException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** AES-GCM with the length as associated data and a counter in the nonce (RFC 5647 §7); the JDK's. */
public final class AesGcm implements PacketCipher {
    public static final int NONCE = 12;
    private static final int TAG = 16;

    private final Cipher cipher;
    private final SecretKeySpec key;
    private final byte[] nonce;
    private final int mode;

    /** {@code nonce}: 12 bytes, taken; {@code seals}: the direction. */
    public AesGcm(byte[] key, byte[] nonce, boolean seals) {
        this.key = new SecretKeySpec(key, "AES");
        this.nonce = nonce;
        this.mode = seals ? Cipher.ENCRYPT_MODE : Cipher.DECRYPT_MODE;
        try {
            this.cipher = Cipher.getInstance("AES/GCM/NoPadding");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public int block() {
        return 16;
    }

    @Override
    public int tag() {
        return TAG;
    }

    @Override
    public int length(int sequence, byte[] packet, int at) {
        return Bytes.u32(packet, at);
    }

    @Override
    public void open(int sequence, byte[] packet, int at, int length, byte[] out, int to) {
        try {
            begin(packet, at);
            cipher.doFinal(packet, at + 4, length + TAG, out, to);
        } catch (AEADBadTagException e) {
            throw Violation.of(Disconnect.MAC_ERROR, "packet: wrong tag");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void seal(int sequence, byte[] packet, int at, int length) {
        try {
            begin(packet, at);
            cipher.doFinal(packet, at + 4, length, packet, at + 4);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private void begin(byte[] packet, int at) throws GeneralSecurityException {
        cipher.init(mode, key, new GCMParameterSpec(TAG * 8, nonce));
        cipher.updateAAD(packet, at, 4);
        Bytes.increment(nonce, 4, NONCE);
    }
}
