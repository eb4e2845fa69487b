package dev.ugate.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ugate.model.Endpoint;
import dev.ugate.model.HostPort;
import dev.ugate.model.Intent;
import dev.ugate.model.Limits;
import dev.ugate.model.Peer;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.spi.Dial;
import dev.ugate.testing.Wire;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class TcpTransportTest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    private final Loops loops = Loops.start(Loops.Backend.EPOLL, 1);
    private final List<Socket> queued = new ArrayList<>();
    private ServerSocket good;
    private ServerSocket hole;

    @BeforeEach
    void listen() throws IOException {
        good = new ServerSocket(0, 16, LOOPBACK);
        good.setSoTimeout(20_000);
        hole = blackhole();
    }

    /** A listener whose backlog is full: the kernel drops every further SYN. */
    private ServerSocket blackhole() throws IOException {
        ServerSocket server = new ServerSocket(0, 1, LOOPBACK);
        while (true) {
            Socket socket = new Socket();
            queued.add(socket);
            try {
                socket.connect(server.getLocalSocketAddress(), 300);
            } catch (SocketTimeoutException full) {
                return server;
            }
        }
    }

    @AfterEach
    void close() throws IOException {
        for (Socket socket : queued) {
            socket.close();
        }
        hole.close();
        good.close();
        loops.stop(1).awaitUninterruptibly(5_000);
    }

    private static SocketAddress nobody() {
        try (ServerSocket gone = new ServerSocket(0, 1, LOOPBACK)) {
            return gone.getLocalSocketAddress();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Future<Channel> dial(Loops loops, Duration limit, SocketAddress... addresses) {
        HostPort target = new HostPort("target.test", 1);
        Intent intent = Intent.bytes("test", Peer.of(Wire.HERE, Wire.HERE), target);
        Dial dial =
                new Dial(intent, Endpoint.tcp(target, Arrays.asList(addresses)), System.nanoTime() + limit.toNanos());
        EventLoop loop = loops.next();
        return CompletableFuture.supplyAsync(() -> new TcpTransport(loops, Limits.STANDARD).dial(dial, loop), loop)
                .orTimeout(20, TimeUnit.SECONDS)
                .join();
    }

    private Future<Channel> dial(SocketAddress... addresses) {
        return dial(loops, Duration.ofSeconds(20), addresses);
    }

    private static Channel dialled(Future<Channel> way) {
        assertThat(way.awaitUninterruptibly(20_000)).isTrue();
        assertThat(way.cause()).isNull();
        return way.getNow();
    }

    private static Refused refused(Future<Channel> way) {
        assertThat(way.awaitUninterruptibly(20_000)).isTrue();
        assertThat(way.cause()).isInstanceOf(Refused.class);
        return (Refused) way.cause();
    }

    private static long sockets() throws IOException {
        try (var links = Files.list(Path.of("/proc/self/fd"))) {
            return links.filter(link -> {
                        try {
                            return Files.readSymbolicLink(link).toString().startsWith("socket:");
                        } catch (IOException closed) {
                            return false;
                        }
                    })
                    .count();
        }
    }

    @Test
    void givesAChannelThatDoesNotReadYet() throws IOException {
        Channel channel = dialled(dial(good.getLocalSocketAddress()));
        assertThat(channel.isActive()).isTrue();
        assertThat(channel.config().isAutoRead()).isFalse();
        assertThat(channel.remoteAddress()).isEqualTo(good.getLocalSocketAddress());
        good.accept().close();
    }

    /** RFC 8305 §5: the next address is tried beside one that does not answer within 250 ms. */
    @Test
    void anAddressThatDoesNotAnswerDelaysByAQuarterSecond() throws IOException {
        long before = sockets();
        long begun = System.nanoTime();
        Channel channel = dialled(dial(hole.getLocalSocketAddress(), good.getLocalSocketAddress()));
        Duration took = Duration.ofNanos(System.nanoTime() - begun);
        assertThat(channel.remoteAddress()).isEqualTo(good.getLocalSocketAddress());
        // The hole's own SYN would be sent again after 1 s at the earliest, and the dial's deadline is 20 s away.
        assertThat(took).isBetween(Duration.ofMillis(240), Duration.ofMillis(900));
        await("the loser is closed").until(() -> sockets() == before + 1);
    }

    @Test
    void anAddressThatRefusesDoesNotDelay() {
        SocketAddress[] addresses = new SocketAddress[9];
        Arrays.setAll(addresses, i -> nobody());
        addresses[8] = good.getLocalSocketAddress();
        long begun = System.nanoTime();
        assertThat(dialled(dial(addresses)).remoteAddress()).isEqualTo(good.getLocalSocketAddress());
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofMillis(8 * 250));
    }

    @Test
    void tellsTheLastFailureWhenAllFail() throws IOException {
        long before = sockets();
        InetSocketAddress last = (InetSocketAddress) nobody();
        Refused why = refused(dial(nobody(), nobody(), last));
        assertThat(why.reason()).isEqualTo(Refusal.CONNECTION_REFUSED);
        assertThat(why.text()).isEqualTo("connect 127.0.0.1:" + last.getPort() + ": refused");
        await().until(() -> sockets() == before);
    }

    @Test
    void waitsForTheAddressesThatStillRun() {
        Refused why = refused(dial(loops, Duration.ofMillis(800), hole.getLocalSocketAddress(), nobody()));
        assertThat(why.reason()).isEqualTo(Refusal.TIMED_OUT);
        assertThat(why.text()).isEqualTo("connect 127.0.0.1:" + hole.getLocalPort() + ": limit connect: timed out");
    }

    @Test
    void noAddressIsUnresolved() {
        assertThat(refused(dial()).reason()).isEqualTo(Refusal.UNRESOLVED);
    }

    @Test
    void noTimeIsNoDial() throws IOException {
        long before = sockets();
        Refused why =
                refused(dial(loops, Duration.ofNanos(-1), good.getLocalSocketAddress(), hole.getLocalSocketAddress()));
        assertThat(why.reason()).isEqualTo(Refusal.TIMED_OUT);
        assertThat(why.text()).endsWith(": no time left");
        assertThat(sockets()).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource(Loops.Backend.class)
    void cancellingClosesWhatRuns(Loops.Backend backend) throws IOException {
        Loops other = Loops.start(backend, 1);
        try {
            long before = sockets();
            Future<Channel> way =
                    dial(other, Duration.ofSeconds(20), hole.getLocalSocketAddress(), hole.getLocalSocketAddress());
            await().until(() -> sockets() == before + 2);
            assertThat(way.cancel(false)).isTrue();
            await().until(() -> sockets() == before);
        } finally {
            other.stop(1).awaitUninterruptibly(5_000);
        }
    }

    @ParameterizedTest
    @EnumSource(Loops.Backend.class)
    void cancellingAtAnyMomentLeavesNothingOpen(Loops.Backend backend) throws IOException {
        Loops other = Loops.start(backend, 1);
        try {
            long before = sockets();
            for (int i = 0; i < 100; i++) {
                Future<Channel> way = dial(other, Duration.ofSeconds(20), good.getLocalSocketAddress());
                LockSupport.parkNanos(i * 2_000L);
                if (!way.cancel(false)) {
                    way.getNow().close();
                }
            }
            await("every dialled socket is closed").until(() -> {
                good.setSoTimeout(1);
                try {
                    good.accept().close();
                } catch (SocketTimeoutException none) {
                    return sockets() == before;
                }
                return false;
            });
        } finally {
            other.stop(1).awaitUninterruptibly(5_000);
        }
    }

    @ParameterizedTest
    @EnumSource(Loops.Backend.class)
    void dialsUnixSocketsOfEitherKind(Loops.Backend backend, @TempDir Path folder) throws IOException {
        Loops other = Loops.start(backend, 1);
        UnixDomainSocketAddress path = UnixDomainSocketAddress.of(folder.resolve("up.sock"));
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(path);
            assertThat(dialled(dial(other, Duration.ofSeconds(20), path)).isActive())
                    .isTrue();
            SocketAddress nettys =
                    new io.netty.channel.unix.DomainSocketAddress(path.getPath().toFile());
            assertThat(dialled(dial(other, Duration.ofSeconds(20), nettys)).isActive())
                    .isTrue();
            UnixDomainSocketAddress nowhere = UnixDomainSocketAddress.of(folder.resolve("nowhere.sock"));
            assertThat(refused(dial(other, Duration.ofSeconds(20), nowhere)).reason())
                    .isEqualTo(Refusal.UNREACHABLE);
        } finally {
            other.stop(1).awaitUninterruptibly(5_000);
        }
    }
}
