package dev.ugate.protocols.ssh.keys;

import dev.ugate.protocols.ssh.wire.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.security.SecureRandom;

/** X25519 alone, whose secret is an integer (RFC 8731). */
final class Curve implements Agreement {
    private final X25519 own;

    Curve(SecureRandom random) {
        own = new X25519(random);
    }

    static Answer answer(byte[] init, SecureRandom random) {
        Agreement.sized(init, X25519.SIZE);
        var own = new Curve(random);
        return new Answer(own.init(), own.secret(init));
    }

    @Override
    public byte[] init() {
        return own.publicKey();
    }

    @Override
    public byte[] secret(byte[] reply) {
        Agreement.sized(reply, X25519.SIZE);
        ByteBuf encoded = Unpooled.buffer();
        Wire.mpint(encoded, own.secret(reply));
        return ByteBufUtil.getBytes(encoded);
    }
}
