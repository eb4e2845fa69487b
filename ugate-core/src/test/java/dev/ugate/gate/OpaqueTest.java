package dev.ugate.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.model.HostPort;
import dev.ugate.model.Limits;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.net.Loops;
import dev.ugate.net.TcpTransport;
import dev.ugate.spi.Dial;
import dev.ugate.testing.Waist;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.PromiseNotifier;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A listener with a target: bytes and ends that come before the upstream is there. */
final class OpaqueTest {
    /** Lets the client talk for a while before anything is dialled. */
    private static Waist slow(Loops.Backend backend) {
        Waist waist = Waist.standard(backend);
        TcpTransport tcp = new TcpTransport(waist.loops, Limits.STANDARD);
        waist.transports.add("tcp", (dial, loop) -> later(tcp, dial, loop));
        return waist;
    }

    private static Future<Channel> later(TcpTransport tcp, Dial dial, EventLoop loop) {
        Promise<Channel> promise = loop.newPromise();
        loop.schedule(
                () -> tcp.dial(dial, loop).addListener(new PromiseNotifier<>(promise)), 300, TimeUnit.MILLISECONDS);
        return promise;
    }

    private static Socket connect(Waist waist, ServerSocket server) throws IOException {
        return connect((InetSocketAddress)
                waist.opaque(new HostPort("127.0.0.1", server.getLocalPort())).address());
    }

    private static Socket connect(InetSocketAddress address) throws IOException {
        Socket socket = new Socket();
        socket.setSoTimeout(20_000);
        socket.connect(address);
        return socket;
    }

    private static ServerSocket server() throws IOException {
        ServerSocket server = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
        server.setSoTimeout(20_000);
        return server;
    }

    @ParameterizedTest
    @CsvSource({
        "EPOLL, 5",
        "EPOLL, 0",
        "EPOLL, 3000000",
        "IO_URING, 5",
        "IO_URING, 0",
        "IO_URING, 3000000",
        "NIO, 5",
        "NIO, 0",
        "NIO, 3000000"
    })
    void bytesAndAnEndBeforeTheUpstreamIsThereArriveInOrder(Loops.Backend backend, int size) throws IOException {
        byte[] early = new byte[size];
        new Random(size).nextBytes(early);
        try (Waist waist = slow(backend);
                ServerSocket server = server();
                Socket client = connect(waist, server)) {
            CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
                try {
                    client.getOutputStream().write(early);
                    client.shutdownOutput();
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            try (Socket far = server.accept()) {
                far.setSoTimeout(20_000);
                assertThat(far.getInputStream().readAllBytes()).isEqualTo(early);
                far.getOutputStream().write("answer".getBytes(StandardCharsets.US_ASCII));
            }
            assertThat(client.getInputStream().readAllBytes()).asString().isEqualTo("answer");
            sent.join();
        }
    }

    /** MySQL, SMTP: the server speaks first, and nobody waits for the client. */
    @ParameterizedTest
    @EnumSource(Loops.Backend.class)
    void aServerThatSpeaksFirstIsHeardAtOnce(Loops.Backend backend) throws IOException {
        try (Waist waist = Waist.standard(backend);
                ServerSocket server = server();
                Socket client = connect(waist, server);
                Socket far = server.accept()) {
            far.getOutputStream().write('2');
            assertThat(client.getInputStream().read()).isEqualTo('2');
        }
    }

    @ParameterizedTest
    @EnumSource(Loops.Backend.class)
    void aRefusalIsAResetAndNoEmptyAnswer(Loops.Backend backend) throws IOException {
        try (Waist waist = Waist.standard(backend)) {
            waist.transports.add(
                    "tcp",
                    (dial, loop) ->
                            loop.newFailedFuture(Refused.because(Refusal.CONNECTION_REFUSED, "connect: refused")));
            try (Socket client = connect((InetSocketAddress)
                    waist.opaque(new HostPort("203.0.113.1", 80)).address())) {
                assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
            }
        }
    }

    @Test
    void silenceAndUnknownBytesReachTheFallback() throws IOException {
        try (Waist waist = Waist.standard(Loops.Backend.EPOLL);
                ServerSocket server = server()) {
            var fallback = Optional.of(new HostPort("127.0.0.1", server.getLocalPort()));
            var address =
                    (InetSocketAddress) waist.listen(Optional.empty(), fallback).address();
            try (Socket silent = connect(address);
                    Socket far = server.accept()) {
                far.getOutputStream().write('2');
                assertThat(silent.getInputStream().read()).isEqualTo('2');
            }
            try (Socket talker = connect(address)) {
                talker.getOutputStream().write("???".getBytes(StandardCharsets.US_ASCII));
                talker.shutdownOutput();
                try (Socket far = server.accept()) {
                    assertThat(far.getInputStream().readAllBytes()).asString().isEqualTo("???");
                }
                assertThat(talker.getInputStream().read()).isEqualTo(-1);
            }
        }
    }
}
