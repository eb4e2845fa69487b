package dev.ugate.protocols.ssh;

import dev.ugate.model.Limits;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Timeouts;
import dev.ugate.protocols.ssh.kex.Algorithms;
import dev.ugate.protocols.ssh.kex.HostTrust;
import dev.ugate.protocols.ssh.kex.Link;
import dev.ugate.protocols.ssh.kex.Renewal;
import dev.ugate.protocols.ssh.kex.Side;
import dev.ugate.protocols.ssh.kex.Terms;
import dev.ugate.protocols.ssh.wire.Layer;
import dev.ugate.protocols.ssh.wire.Message;
import dev.ugate.protocols.ssh.wire.Packets;
import dev.ugate.protocols.ssh.wire.Violation;
import dev.ugate.protocols.ssh.wire.Wire;
import dev.ugate.spi.Settings;
import dev.ugate.testing.Notes;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetAddress;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A client that asks a server for user authentication, and goes: both directions of the keys have then been used. */
final class Knock implements Layer {
    private static final SecureRandom RANDOM = Terms.seeded();
    private static final Settings SETTINGS = new Settings(Timeouts.STANDARD, Limits.STANDARD, new Notes());

    private final CompletableFuture<String> answer = new CompletableFuture<>();
    private @Nullable Packets packets;

    /** The service that the server accepted, or why it did not come to that. */
    static String at(int port, String method, String cipher) throws Exception {
        var group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try {
            Knock knock = new Knock();
            Algorithms algorithms = new Algorithms(List.of(method), List.of(cipher));
            Terms terms = new Terms(new Side.Client(new Ed25519()), algorithms, Renewal.STANDARD, SETTINGS, RANDOM);
            new Bootstrap()
                    .group(group)
                    .channel(NioSocketChannel.class)
                    .handler(new ChannelInboundHandlerAdapter() {
                        @Override
                        public void channelActive(ChannelHandlerContext ctx) {
                            ctx.pipeline().replace(this, null, new Link(ctx.channel(), terms, knock));
                        }
                    })
                    .connect(InetAddress.getLoopbackAddress(), port);
            return knock.answer.get(30, TimeUnit.SECONDS);
        } finally {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    @Override
    public void opened(Packets opened) {
        packets = opened;
        ByteBuf request = opened.payload(Message.SERVICE_REQUEST, 20);
        Wire.string(request, "ssh-userauth");
        opened.send(request);
        opened.flush();
    }

    @Override
    public boolean received(int message, ByteBuf payload) {
        answer.complete(message + " " + Wire.text(payload, 100));
        java.util.Objects.requireNonNull(packets).disconnect(Violation.of(11, "only asked"));
        return true;
    }

    @Override
    public void writable() {}

    @Override
    public void drain() {}

    @Override
    public void closed(Violation why) {
        answer.complete(why.description());
    }

    /** Any host with an Ed25519 key that signs with it. */
    private static final class Ed25519 implements HostTrust {
        private static final String NAME = "ssh-ed25519";
        private static final byte[] PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

        @Override
        public List<String> algorithms() {
            return List.of(NAME);
        }

        @Override
        public void verify(String algorithm, byte[] blob, byte[] data, byte[] signature) {
            try {
                Signature check = Signature.getInstance("Ed25519");
                check.initVerify(key(Unpooled.wrappedBuffer(blob)));
                check.update(data);
                ByteBuf in = Unpooled.wrappedBuffer(signature);
                if (!Wire.name(in).equals(NAME) || !check.verify(Wire.bytes(in, 64))) {
                    throw Refused.because(Refusal.UPSTREAM_IDENTITY, "wrong signature");
                }
            } catch (GeneralSecurityException e) {
                throw Refused.because(Refusal.UPSTREAM_IDENTITY, "no signature");
            }
        }

        private static PublicKey key(ByteBuf blob) throws GeneralSecurityException {
            if (!Wire.name(blob).equals(NAME)) {
                throw Refused.because(Refusal.UPSTREAM_IDENTITY, "no key");
            }
            ByteBuf encoded = Unpooled.buffer().writeBytes(PREFIX).writeBytes(Wire.bytes(blob, 32));
            byte[] bytes = new byte[encoded.readableBytes()];
            encoded.readBytes(bytes);
            return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(bytes));
        }
    }
}
