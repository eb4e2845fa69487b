package dev.ugate.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ugate.model.Endpoint;
import dev.ugate.model.HostPort;
import dev.ugate.model.Intent;
import dev.ugate.model.Limits;
import dev.ugate.model.Peer;
import dev.ugate.model.Timeouts;
import dev.ugate.net.foreign.ForeignChannel;
import dev.ugate.net.io.SlowStart;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Exchange;
import dev.ugate.spi.Fin;
import dev.ugate.spi.Gate;
import dev.ugate.spi.Stream;
import dev.ugate.testing.Listening;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** L30: what is held for a client, here and in the kernel, until it has proven to read quickly. */
final class SlowStartTest implements Gate {
    private static final int MIB = 1 << 20;
    private static final int READ = SlowStart.READ;
    private static final int HIGH = READ / 2;
    private static final int UNSENT = 2 * READ;
    private static final int USUAL = Limits.STANDARD.relayBuffer().toInt();

    /** Takes nothing. */
    private record Idle() implements ForeignChannel.Far {
        @Override
        public int write(ByteBuf bytes) {
            return 0;
        }

        @Override
        public void finish(Fin fin) {}

        @Override
        public void read() {}

        @Override
        public void close() {}
    }

    /** What Netty adds for each pending buffer. */
    private static final int OVERHEAD = 1024;

    private final CompletableFuture<Channel> client = new CompletableFuture<>();
    private final CompletableFuture<Channel> upstream = new CompletableFuture<>();
    private Loops loops;
    private ServerSocket origin;
    private Socket reader;
    private Socket sender;

    private void relay(Loops.Backend backend) throws IOException {
        loops = Loops.start(backend, 1);
        origin = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
        Admission admission = new Admission(Limits.STANDARD, 100, System::nanoTime);
        Listener listener = Listener.bind(
                        loops,
                        admission,
                        this,
                        new InetSocketAddress("127.0.0.1", 0),
                        () -> Listening.open().ingress())
                .awaitUninterruptibly()
                .getNow();
        reader = new Socket();
        reader.setReceiveBufferSize(8 * 1024);
        reader.setSoTimeout(20_000);
        reader.connect(listener.address());
        sender = origin.accept();
    }

    @AfterEach
    void stop() throws IOException {
        reader.close();
        sender.close();
        origin.close();
        loops.stop(1).awaitUninterruptibly(5_000);
    }

    @Override
    public void open(Stream stream) {
        throw new AssertionError("nothing opens here");
    }

    @Override
    public void ask(Exchange exchange) {
        throw new AssertionError("nothing asks here");
    }

    /** Joins it with the sender. */
    @Override
    public void enter(Channel accepted) {
        InetSocketAddress address = new InetSocketAddress(origin.getInetAddress(), origin.getLocalPort());
        HostPort target = new HostPort("127.0.0.1", origin.getLocalPort());
        Intent intent = Intent.bytes("test", Peer.of(address, address), target);
        Dial dial = new Dial(
                intent, Endpoint.tcp(target, List.of(address)), System.nanoTime() + TimeUnit.SECONDS.toNanos(20));
        Future<Channel> way = new TcpTransport(loops, Limits.STANDARD).dial(dial, accepted.eventLoop());
        way.addListener(done -> {
            Relay.join(accepted, way.getNow(), Timeouts.STANDARD, (in, out, broken) -> {})
                    .start();
            client.complete(accepted);
            upstream.complete(way.getNow());
        });
    }

    private CompletableFuture<Void> send(int size) {
        return CompletableFuture.runAsync(() -> {
            try {
                sender.getOutputStream().write(new byte[size]);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static long pending(Channel channel) {
        return CompletableFuture.supplyAsync(
                        () -> channel.unsafe().outboundBuffer().totalPendingWriteBytes(), channel.eventLoop())
                .join();
    }

    private long held() {
        await().until(() -> !upstream.join().config().isAutoRead());
        return pending(client.join());
    }

    private static int unsent(Channel channel) {
        return channel.config().getOption(SlowStart.UNSENT);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NIO")
    void littleIsHeldForWhoeverDoesNotRead(Loops.Backend backend) throws IOException {
        relay(backend);
        var sending = send(8 * MIB);
        // One read comes on top of the high-water mark.
        assertThat(held()).isPositive().isLessThanOrEqualTo(HIGH + READ + OVERHEAD);
        assertThat(unsent(client.join())).isEqualTo(UNSENT);
        assertThat(client.join().config().getWriteBufferHighWaterMark()).isEqualTo(HIGH);
        reader.getInputStream().skipNBytes(8 * MIB);
        sending.join();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NIO")
    void muchIsHeldForWhoeverHasReadQuickly(Loops.Backend backend) throws IOException {
        relay(backend);
        var sending = send(64 * MIB);
        reader.getInputStream().skipNBytes(4 * MIB);
        assertThat(unsent(client.join())).isNotEqualTo(UNSENT);
        assertThat(client.join().config().getWriteBufferHighWaterMark()).isEqualTo(USUAL);
        assertThat(held()).isGreaterThan(USUAL);
        reader.getInputStream().skipNBytes(60 * MIB);
        sending.join();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NIO")
    void aStreamHoldsNoMoreThanItsConnection(Loops.Backend backend) throws IOException {
        relay(backend);
        var sending = send(8 * MIB);
        Channel stream = new ForeignChannel(client.join(), new Idle());
        assertThat(stream.config().getWriteBufferHighWaterMark()).isEqualTo(HIGH);
        assertThat(stream.config().getWriteBufferLowWaterMark()).isEqualTo(HIGH / 2);
        reader.getInputStream().skipNBytes(8 * MIB);
        sending.join();
        assertThat(stream.config().getWriteBufferHighWaterMark()).isGreaterThan(READ);
        assertThat(stream.config().getWriteBufferLowWaterMark()).isGreaterThan(HIGH / 2);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NIO")
    void aWriteBehindTheCloseFailsLikeAnyOther(Loops.Backend backend) throws IOException {
        relay(backend);
        Channel closed = client.join();
        closed.close().awaitUninterruptibly(5_000);
        ByteBuf bytes = closed.alloc().buffer(16).writeZero(16);
        assertThat(closed.writeAndFlush(bytes).awaitUninterruptibly().cause())
                .isInstanceOf(ClosedChannelException.class);
        assertThat(bytes.refCnt()).isZero();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NIO")
    void whoWasDialledIsTrusted(Loops.Backend backend) throws IOException {
        relay(backend);
        assertThat(unsent(upstream.join())).isNotEqualTo(UNSENT);
        assertThat(upstream.join().config().getWriteBufferHighWaterMark()).isEqualTo(USUAL);
    }
}
