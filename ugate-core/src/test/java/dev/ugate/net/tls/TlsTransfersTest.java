package dev.ugate.net.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Carrier;
import dev.ugate.model.Endpoint;
import dev.ugate.model.HostPort;
import dev.ugate.model.Intent;
import dev.ugate.model.Limits;
import dev.ugate.model.Peer;
import dev.ugate.net.Loops;
import dev.ugate.net.TcpTransport;
import dev.ugate.net.io.DuplexFin;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Fin;
import dev.ugate.testing.Authority;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.pkitesting.X509Bundle;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Nothing is lost: transfers of random size, ended in every order, our client against our server. */
@Tag("long")
@Timeout(300)
final class TlsTransfersTest {
    private static final int TRANSFERS = 1_000;
    private static final Authority AUTHORITY = Authority.create();
    private static final X509Bundle SERVER = AUTHORITY.issue("server.test");

    @TempDir
    Path folder;

    /** Who speaks when; each side's bytes are those of a seed. */
    private record Plan(int clientBytes, int serverBytes, boolean clientWaits, boolean serverWaits, int packet) {
        static Plan random(Random random) {
            int order = random.nextInt(3);
            return new Plan(size(random), size(random), order == 1, order == 2, 1 + random.nextInt(200_000));
        }

        private static int size(Random random) {
            int most = new int[] {1, 2, 100, 20_000, 2_000_000}[random.nextInt(5)];
            return random.nextInt(most);
        }
    }

    @ParameterizedTest
    @EnumSource(Loops.Backend.class)
    void everyByteArrivesInEveryOrder(Loops.Backend backend) throws Exception {
        Loops loops = Loops.start(backend, 2);
        Random random = new Random(backend.ordinal());
        SslContext context = TlsContexts.server(
                SERVER.getKeyPair().getPrivate(),
                List.of(SERVER.getCertificatePath()),
                ClientAuth.NONE,
                List.of(),
                List.of());
        TlsTransport transport = new TlsTransport(new TcpTransport(loops, Limits.STANDARD), Runnable::run);
        String ca = AUTHORITY.writeRoot(folder).toString();
        for (int i = 0; i < TRANSFERS; i++) {
            Plan plan = Plan.random(random);
            Side server = new Side(plan.serverBytes, 2, plan.serverWaits, plan.packet);
            Side client = new Side(plan.clientBytes, 1, plan.clientWaits, plan.packet);
            Channel listening = listen(loops, context, server);
            Future<Channel> dialled =
                    transport.dial(dial(ca, ((InetSocketAddress) listening.localAddress()).getPort()), loops.next());
            dialled.addListener(done -> client.begin(dialled.getNow()));
            assertThat(client.heard.get(20, TimeUnit.SECONDS))
                    .as("%s %s", i, plan)
                    .isEqualTo(sum(plan.serverBytes, 2));
            assertThat(server.heard.get(20, TimeUnit.SECONDS))
                    .as("%s %s", i, plan)
                    .isEqualTo(sum(plan.clientBytes, 1));
            // A loop that stops with an open channel may stop before the channel gave its engine back.
            client.channel.close().sync();
            server.channel.close().sync();
            listening.close().sync();
        }
        loops.stop(1).await(5, TimeUnit.SECONDS);
    }

    private static Channel listen(Loops loops, SslContext context, Side side) throws InterruptedException {
        return new ServerBootstrap()
                .group(loops.group())
                .channelFactory(loops.server(new InetSocketAddress(0)))
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
                        channel.pipeline().addLast(new DuplexFin());
                        TlsHandshake.begin(channel, context.newHandler(channel.alloc()), Duration.ofSeconds(10))
                                .addListener(done -> side.begin(channel));
                    }
                })
                .bind("127.0.0.1", 0)
                .sync()
                .channel();
    }

    private static Dial dial(String ca, int port) {
        InetSocketAddress address = new InetSocketAddress("127.0.0.1", port);
        HostPort target = new HostPort("server.test", port);
        List<Carrier> via = List.of(new Carrier("tls", Map.of("ca", ca)), Carrier.TCP);
        return new Dial(
                Intent.bytes("test", Peer.of(address, address), target),
                new Endpoint(target, List.of(address), via, Optional.empty(), 1, true),
                System.nanoTime() + Duration.ofSeconds(10).toNanos());
    }

    private static byte[] bytes(int size, int seed) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static String sum(int size, int seed) {
        CRC32C crc = new CRC32C();
        crc.update(bytes(size, seed));
        return size + " " + crc.getValue();
    }

    /** One end: says its bytes and ends, at once or when the other end did. */
    private static final class Side extends ChannelInboundHandlerAdapter {
        private final CompletableFuture<String> heard = new CompletableFuture<>();
        private final CRC32C crc = new CRC32C();
        private final int size;
        private final int seed;
        private final boolean waits;
        private final int packet;
        private volatile Channel channel;
        private int count;

        Side(int size, int seed, boolean waits, int packet) {
            this.size = size;
            this.seed = seed;
            this.waits = waits;
            this.packet = packet;
        }

        void begin(Channel ready) {
            channel = ready;
            ready.pipeline().addLast(this);
            if (!waits) {
                speak();
            }
            ready.config().setAutoRead(true);
        }

        private void speak() {
            byte[] all = bytes(size, seed);
            for (int at = 0; at < size; at += packet) {
                channel.write(Unpooled.wrappedBuffer(all, at, Math.min(packet, size - at)));
            }
            channel.writeAndFlush(Fin.FIN);
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof Fin) {
                heard.complete(count + " " + crc.getValue());
                if (waits) {
                    speak();
                }
            } else {
                ByteBuf bytes = (ByteBuf) message;
                count += bytes.readableBytes();
                crc.update(bytes.nioBuffer());
                bytes.release();
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            heard.completeExceptionally(new AssertionError("gone after " + count + " bytes"));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            heard.completeExceptionally(cause);
        }
    }
}
