package dev.ugate.net.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.net.Loops;
import dev.ugate.net.io.DuplexFin;
import dev.ugate.spi.Fin;
import dev.ugate.testing.Authority;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.pkitesting.X509Bundle;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Both ends of a TLS connection end on their own and lose nothing; the far side is the JDK's TLS. */
@Timeout(60)
final class TlsRecordsTest {
    private static final Authority AUTHORITY = Authority.create();
    private static final X509Bundle SERVER = AUTHORITY.issue("server.test");
    private static final Loops LOOPS = Loops.start(Loops.Backend.EPOLL, 1);
    private static final byte[] MUCH = bytes(6_000_011);

    private final Loops loops;
    private Channel server;
    private final ChannelGroup accepted = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);

    TlsRecordsTest() {
        loops = LOOPS;
    }

    @AfterAll
    static void stop() {
        LOOPS.stop(1);
    }

    @AfterEach
    void close() {
        if (server != null) {
            server.close();
        }
        // A channel that its loop still holds at the end would keep its engine.
        accepted.close().awaitUninterruptibly(5_000);
    }

    static Stream<String> versions() {
        return Stream.of("TLSv1.3", "TLSv1.2");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100, 16_384, 16_385, 300_000})
    void clientEndsFirstAndStillReceivesEverything(int size) throws Exception {
        Conversation talk = new Conversation();
        byte[] question = bytes(size);
        try (SSLSocket socket = connect(serve(talk), "TLSv1.3")) {
            socket.getOutputStream().write(question);
            socket.shutdownOutput();
            assertThat(talk.heard()).isEqualTo(question);
            talk.say(MUCH);
            talk.finish();
            assertThat(digest(socket.getInputStream())).isEqualTo(digest(MUCH));
        }
        assertThat(talk.events()).isEqualTo("fin ");
    }

    @ParameterizedTest
    @EnumSource(Loops.Backend.class)
    void serverEndsFirstAndStillReceivesEverything(Loops.Backend backend) throws Exception {
        Loops own = Loops.start(backend, 1);
        Conversation talk = new Conversation();
        try (SSLSocket socket = connect(serve(own, talk), "TLSv1.3")) {
            talk.say(MUCH);
            talk.finish();
            assertThat(digest(socket.getInputStream())).isEqualTo(digest(MUCH));
            OutputStream out = socket.getOutputStream();
            for (int at = 0; at < MUCH.length; at += 100_000) {
                out.write(MUCH, at, Math.min(100_000, MUCH.length - at));
            }
            socket.shutdownOutput();
            assertThat(talk.heard()).isEqualTo(MUCH);
        } finally {
            server.close().awaitUninterruptibly();
            accepted.close().awaitUninterruptibly(5_000);
            own.stop(1);
        }
        assertThat(talk.events()).isEqualTo("fin ");
    }

    @ParameterizedTest
    @MethodSource("versions")
    void carriesBothDirectionsAtOnce(String version) throws Exception {
        Conversation talk = new Conversation();
        try (SSLSocket socket = connect(serve(talk), version)) {
            CompletableFuture<String> read = CompletableFuture.supplyAsync(() -> digest(socket, MUCH.length));
            talk.say(MUCH);
            socket.getOutputStream().write(MUCH);
            assertThat(read.get(30, TimeUnit.SECONDS)).isEqualTo(digest(MUCH));
            socket.close();
            assertThat(talk.heard()).isEqualTo(MUCH);
        }
    }

    @Test
    void endOfTheSocketWithoutCloseNotifyIsNoEnd() throws Exception {
        Conversation talk = new Conversation();
        int port = serve(talk);
        try (Socket plain = new Socket("127.0.0.1", port)) {
            SSLSocket socket =
                    (SSLSocket) AUTHORITY.jdk(null).getSocketFactory().createSocket(plain, "server.test", port, false);
            socket.getOutputStream().write(new byte[] {1, 2, 3});
            plain.shutdownOutput();
            talk.closed.get(10, TimeUnit.SECONDS);
        }
        assertThat(talk.events()).isEqualTo("inactive ");
    }

    @Test
    void onlyFinSendsCloseNotify() throws Exception {
        assertThat(lastWords(false)).isEmpty();
        assertThat(lastWords(true)).isNotEmpty();
    }

    /** What the client's socket still gets behind the last byte of data. */
    private byte[] lastWords(boolean fin) throws Exception {
        Conversation talk = new Conversation();
        int port = serve(talk);
        try (Socket plain = new Socket("127.0.0.1", port)) {
            SSLSocket socket =
                    (SSLSocket) AUTHORITY.jdk(null).getSocketFactory().createSocket(plain, "server.test", port, false);
            socket.startHandshake();
            talk.say(new byte[] {7});
            assertThat(socket.getInputStream().read()).isEqualTo(7);
            if (fin) {
                talk.finish();
            }
            talk.channel().close();
            return plain.getInputStream().readAllBytes();
        } finally {
            server.close();
        }
    }

    /** The alert is written behind the end of the handshake, and closed behind, in one turn. */
    @ParameterizedTest
    @EnumSource(Loops.Backend.class)
    void forgedRecordClosesWithAnAlert(Loops.Backend backend) throws Exception {
        Conversation talk = new Conversation();
        Loops own = Loops.start(backend, 1);
        try (Socket plain = new Socket("127.0.0.1", serve(own, talk))) {
            SSLSocket socket = (SSLSocket)
                    AUTHORITY.jdk(null).getSocketFactory().createSocket(plain, "server.test", plain.getPort(), false);
            socket.startHandshake();
            plain.getOutputStream().write(HexFormat.of().parseHex("1703030015" + "00".repeat(21)));
            assertThatThrownBy(() -> socket.getInputStream().read()).hasMessageContaining("bad_record_mac");
            talk.closed.get(10, TimeUnit.SECONDS);
        } finally {
            accepted.close().awaitUninterruptibly(5_000);
            own.stop(1);
        }
        assertThat(talk.events()).startsWith("error ");
    }

    @Test
    void readsOneRecordAtATimeWhenAsked() throws Exception {
        Conversation talk = new Conversation();
        talk.slow = true;
        try (SSLSocket socket = connect(serve(talk), "TLSv1.3")) {
            CompletableFuture<Void> written = CompletableFuture.runAsync(() -> {
                try {
                    socket.getOutputStream().write(MUCH, 0, 500_000);
                    socket.shutdownOutput();
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThat(talk.heard()).hasSize(500_000);
            written.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void manySmallWritesArriveInOrder() throws Exception {
        Conversation talk = new Conversation();
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try (SSLSocket socket = connect(serve(talk), "TLSv1.3")) {
            Random random = new Random(7);
            for (int i = 0; i < 400; i++) {
                byte[] some = bytes(random.nextInt(40_000));
                all.writeBytes(some);
                talk.say(some);
            }
            talk.finish();
            assertThat(digest(socket.getInputStream())).isEqualTo(digest(all.toByteArray()));
        }
    }

    /** As a frame's head is: it shares the record of what follows it, and waits for no more than the flush. */
    @Test
    void smallWritesShareTheRecordOfTheNext() throws Exception {
        Conversation talk = new Conversation();
        try (Socket raw = new Socket("127.0.0.1", serve(talk))) {
            raw.setSoTimeout(10_000);
            var socket = (SSLSocket) AUTHORITY.jdk(null).getSocketFactory().createSocket(raw, "server.test", 443, true);
            socket.startHandshake();
            Channel channel = talk.ready.get(10, TimeUnit.SECONDS);
            channel.eventLoop().submit(() -> {
                channel.write(Unpooled.wrappedBuffer(bytes(9)), channel.voidPromise());
                channel.write(Unpooled.wrappedBuffer(bytes(20_000)), channel.voidPromise());
                channel.write(Unpooled.wrappedBuffer(bytes(9)), channel.voidPromise());
                channel.flush();
            });
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            List<Integer> reads = new java.util.ArrayList<>();
            byte[] room = new byte[1 << 15];
            while (all.size() < 20_018) {
                int read = socket.getInputStream().read(room);
                reads.add(read);
                all.write(room, 0, read);
            }
            assertThat(all.toByteArray())
                    .startsWith(bytes(9))
                    .endsWith(bytes(9))
                    .hasSize(20_018);
            assertThat(reads).as("one record each").containsExactly(1 << 14, 20_009 - (1 << 14), 9);
            talk.finish();
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    private int serve(Conversation talk) throws Exception {
        return serve(loops, talk);
    }

    private int serve(Loops on, Conversation talk) throws Exception {
        SslContext context = TlsContexts.server(
                SERVER.getKeyPair().getPrivate(),
                List.of(SERVER.getCertificatePath()),
                ClientAuth.NONE,
                List.of(),
                List.of());
        server = new ServerBootstrap()
                .group(on.group())
                .channelFactory(on.server(new InetSocketAddress(0)))
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        accepted.add(channel);
                        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
                        channel.pipeline().addLast(new DuplexFin());
                        TlsHandshake.begin(channel, context.newHandler(channel.alloc()), Duration.ofSeconds(10))
                                .addListener(done -> {
                                    if (done.isSuccess()) {
                                        talk.begin(channel);
                                    } else {
                                        talk.ready.completeExceptionally(done.cause());
                                    }
                                });
                    }
                })
                .bind("127.0.0.1", 0)
                .sync()
                .channel();
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    private static SSLSocket connect(int port, String version) throws IOException {
        SSLSocket socket = (SSLSocket) AUTHORITY.jdk(null).getSocketFactory().createSocket("127.0.0.1", port);
        socket.setSoTimeout(10_000);
        socket.setEnabledProtocols(new String[] {version});
        socket.startHandshake();
        return socket;
    }

    private static byte[] bytes(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    private static String digest(SSLSocket socket, int length) {
        try {
            return digest(socket.getInputStream().readNBytes(length));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String digest(InputStream in) throws IOException {
        return digest(in.readAllBytes());
    }

    private static String digest(byte[] bytes) {
        try {
            return bytes.length + " "
                    + HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (java.security.GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The near side: what it heard, and a way to speak. */
    private static final class Conversation extends ChannelInboundHandlerAdapter {
        final CompletableFuture<Channel> ready = new CompletableFuture<>();
        final CompletableFuture<byte[]> all = new CompletableFuture<>();
        final CompletableFuture<Void> closed = new CompletableFuture<>();
        final BlockingQueue<String> events = new LinkedBlockingQueue<>();
        final ByteArrayOutputStream heard = new ByteArrayOutputStream();
        boolean slow;

        void begin(Channel channel) {
            if (slow) {
                channel.config().setAutoRead(false);
            }
            channel.pipeline().addLast(this);
            channel.read();
            ready.complete(channel);
        }

        Channel channel() throws Exception {
            return ready.get(10, TimeUnit.SECONDS);
        }

        byte[] heard() throws Exception {
            return all.get(10, TimeUnit.SECONDS);
        }

        String events() {
            return String.join(" ", events) + " ";
        }

        void say(byte[] bytes) throws Exception {
            channel().writeAndFlush(Unpooled.wrappedBuffer(bytes));
        }

        void finish() throws Exception {
            channel().writeAndFlush(Fin.FIN);
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof Fin) {
                events.add("fin");
                all.complete(heard.toByteArray());
            } else {
                ByteBuf bytes = (ByteBuf) message;
                if (!events.isEmpty()) {
                    events.add("late");
                }
                heard.writeBytes(ByteBufUtil.getBytes(bytes));
                bytes.release();
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            if (slow) {
                ctx.read();
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            if (!all.isDone()) {
                events.add("inactive");
            }
            closed.complete(null);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            events.add("error");
        }
    }
}
