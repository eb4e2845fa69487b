package dev.ugate.protocols.ssh;

import dev.ugate.model.Identity;
import dev.ugate.protocols.ssh.kex.Algorithms;
import dev.ugate.protocols.ssh.kex.HostKeys;
import dev.ugate.protocols.ssh.kex.Side;
import dev.ugate.protocols.ssh.server.Anybody;
import dev.ugate.protocols.ssh.server.Guest;
import dev.ugate.protocols.ssh.wire.Layer;
import dev.ugate.protocols.ssh.wire.Message;
import dev.ugate.protocols.ssh.wire.Packets;
import dev.ugate.protocols.ssh.wire.Violation;
import dev.ugate.protocols.ssh.wire.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** An entrance that lets everybody in under the name that they say; its host key is made up. */
final class OpenHouse implements Ssh.Entrance, HostKeys {
    private static final String ED25519 = "ssh-ed25519";

    private final Algorithms algorithms;
    private final KeyPair pair;

    public OpenHouse(Algorithms algorithms) {
        this.algorithms = algorithms;
        try {
            pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public Side.Server side(Supplier<String> version) {
        return new Side.Server(this, List.of());
    }

    @Override
    public Algorithms keyExchange() {
        return algorithms;
    }

    @Override
    public Layer guard(Channel connection, Function<Guest, Layer> next) {
        return new Open(next);
    }

    @Override
    public List<String> algorithms() {
        return List.of(ED25519);
    }

    @Override
    public byte[] blob(String algorithm) {
        byte[] encoded = pair.getPublic().getEncoded();
        return both(Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length));
    }

    @Override
    public byte[] sign(String algorithm, byte[] data) {
        try {
            Signature signature = Signature.getInstance("Ed25519");
            signature.initSign(pair.getPrivate());
            signature.update(data);
            return both(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] both(byte[] bytes) {
        ByteBuf out = Unpooled.buffer();
        Wire.string(out, ED25519);
        Wire.string(out, bytes);
        return ByteBufUtil.getBytes(out);
    }

    private static final class Open implements Layer {
        private final Function<Guest, Layer> next;
        private @Nullable Packets packets;

        Open(Function<Guest, Layer> next) {
            this.next = next;
        }

        @Override
        public void opened(Packets opened) {
            packets = opened;
        }

        @Override
        public boolean received(int message, ByteBuf payload) {
            Packets out = java.util.Objects.requireNonNull(packets);
            if (message == Message.SERVICE_REQUEST) {
                ByteBuf accept = out.payload(Message.SERVICE_ACCEPT, 100);
                Wire.string(accept, Wire.text(payload, 100));
                out.send(accept);
            } else if (message == Message.USERAUTH_REQUEST) {
                String user = Wire.text(payload, 100);
                payload.skipBytes(payload.readableBytes());
                out.send(out.payload(Message.USERAUTH_SUCCESS, 0));
                Identity identity = new Identity("user:" + user, Identity.Proof.PASSWORD);
                out.handOver(next.apply(new Anybody(user, Optional.of(identity))));
            } else {
                return false;
            }
            return true;
        }

        @Override
        public void writable() {}

        @Override
        public void drain() {
            java.util.Objects.requireNonNull(packets).disconnect(Violation.protocol("draining"));
        }

        @Override
        public void closed(Violation why) {}
    }
}
