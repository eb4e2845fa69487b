package dev.ugate.protocols.ssh.kex;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.protocols.ssh.wire.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.Arrays;
import java.util.List;

/** A host with an Ed25519 key, and who trusts nobody else. */
final class Host implements HostKeys, HostTrust {
    static final String ED25519 = "ssh-ed25519";

    private final KeyPair pair;
    private int verified;

    Host() {
        try {
            pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    int verified() {
        return verified;
    }

    @Override
    public List<String> algorithms() {
        return List.of(ED25519);
    }

    @Override
    public byte[] blob(String algorithm) {
        byte[] encoded = pair.getPublic().getEncoded();
        return pair(Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length));
    }

    @Override
    public byte[] sign(String algorithm, byte[] data) {
        try {
            Signature signature = Signature.getInstance("Ed25519");
            signature.initSign(pair.getPrivate());
            signature.update(data);
            return pair(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void verify(String algorithm, byte[] blob, byte[] data, byte[] signature) {
        verified++;
        if (!Arrays.equals(blob, blob(algorithm))) {
            throw Refused.because(Refusal.UPSTREAM_IDENTITY, "not the key that was expected");
        }
        ByteBuf in = Unpooled.wrappedBuffer(signature);
        try {
            Signature check = Signature.getInstance("Ed25519");
            check.initVerify(pair.getPublic());
            check.update(data);
            if (!Wire.name(in).equals(ED25519) || !check.verify(Wire.bytes(in, 64))) {
                throw Refused.because(Refusal.UPSTREAM_IDENTITY, "wrong signature");
            }
        } catch (GeneralSecurityException e) {
            throw Refused.because(Refusal.UPSTREAM_IDENTITY, "no signature");
        }
    }

    private static byte[] pair(byte[] bytes) {
        ByteBuf out = Unpooled.buffer();
        Wire.string(out, ED25519);
        Wire.string(out, bytes);
        return ByteBufUtil.getBytes(out);
    }
}
