package dev.ugate.net.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Carrier;
import dev.ugate.model.Endpoint;
import dev.ugate.model.HostPort;
import dev.ugate.model.Intent;
import dev.ugate.model.Limits;
import dev.ugate.model.Peer;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.net.Loops;
import dev.ugate.net.TcpTransport;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Fin;
import dev.ugate.testing.Authority;
import dev.ugate.testing.Sink;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.pkitesting.X509Bundle;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** T31: who the server is, is verified always; what it says early is kept. The server is the JDK's TLS. */
@Timeout(60)
final class TlsTransportTest {
    private static final Authority AUTHORITY = Authority.create();
    private static final Loops LOOPS = Loops.start(Loops.Backend.EPOLL, 1);
    private static final ExecutorService BLOCKING = Executors.newSingleThreadExecutor();
    private static final TlsTransport TLS = new TlsTransport(new TcpTransport(LOOPS, Limits.STANDARD), BLOCKING);

    @TempDir
    static Path folder;

    private static Path ca;
    private ServerSocket listening;

    @BeforeAll
    static void trust() {
        ca = AUTHORITY.writeRoot(folder);
    }

    @AfterAll
    static void stop() {
        LOOPS.stop(1);
        BLOCKING.shutdown();
    }

    @AfterEach
    void close() throws IOException {
        if (listening != null) {
            listening.close();
        }
    }

    @Test
    void talksToTheNamedServerAndKeepsWhatItSaidEarly() throws Exception {
        int port = serve(AUTHORITY.issue("db.test"), socket -> {
            socket.getOutputStream().write("220 ready\r\n".getBytes(StandardCharsets.US_ASCII));
            byte[] heard = socket.getInputStream().readAllBytes();
            socket.getOutputStream().write(heard);
        });
        Channel channel = dial(port, "db.test", Optional.empty(), Map.of());
        assertThat(channel.config().isAutoRead()).isFalse();
        Sink sink = attach(channel);
        Awaitility.await().until(() -> sink.taken().length == 11);
        channel.writeAndFlush(Unpooled.copiedBuffer("hello", StandardCharsets.US_ASCII));
        channel.writeAndFlush(Fin.FIN);
        Awaitility.await().until(sink::ended);
        assertThat(new String(sink.taken(), StandardCharsets.US_ASCII)).isEqualTo("220 ready\r\nhello");
        channel.close().await(5, TimeUnit.SECONDS);
    }

    @Test
    void serverNameMayDifferFromTheHost() throws Exception {
        int port = serve(AUTHORITY.issue("other.test"), socket -> {});
        dial(port, "db.test", Optional.empty(), Map.of("serverName", "other.test"))
                .close();
    }

    @Test
    void addressIsVerifiedAsAddress() throws Exception {
        int port = serve(AUTHORITY.issue("ip:127.0.0.1"), socket -> {});
        dial(port, "127.0.0.1", Optional.empty(), Map.of()).close();
    }

    @Test
    void t31WrongNameIsRefused() throws Exception {
        int port = serve(AUTHORITY.issue("other.test"), socket -> {});
        Refused why = refused(port, "db.test", Optional.empty(), Map.of());
        assertThat(why.reason()).isEqualTo(Refusal.UPSTREAM_IDENTITY);
        assertThat(why.text()).startsWith("tls: peer certificate: ").contains("db.test");
    }

    @Test
    void t31UnknownIssuerIsRefused() throws Exception {
        int port = serve(Authority.create().issue("db.test"), socket -> {});
        assertThat(refused(port, "db.test", Optional.empty(), Map.of()).reason())
                .isEqualTo(Refusal.UPSTREAM_IDENTITY);
    }

    @Test
    void t23ExpiredCertificateIsRefused() throws Exception {
        int port = serve(AUTHORITY.issue(Instant.now().minusSeconds(60), "db.test"), socket -> {});
        assertThat(refused(port, "db.test", Optional.empty(), Map.of()).reason())
                .isEqualTo(Refusal.UPSTREAM_IDENTITY);
    }

    @Test
    void expectedIdentityCountsInsteadOfTheName() throws Exception {
        int port = serve(AUTHORITY.issue("spiffe://a/ns/x/sa/y"), socket -> {});
        dial(port, "db.test", Optional.of("spiffe://a/ns/x/sa/y"), Map.of()).close();
    }

    @Test
    void t21AnotherIdentityIsRefusedInPlainWords() throws Exception {
        int port = serve(AUTHORITY.issue("spiffe://a/ns/x/sa/y", "db.test"), socket -> {});
        Refused why = refused(port, "db.test", Optional.of("spiffe://a/ns/x/sa/z"), Map.of());
        assertThat(why.reason()).isEqualTo(Refusal.UPSTREAM_IDENTITY);
        assertThat(why.text()).isEqualTo("tls: peer identity spiffe://a/ns/x/sa/y: expected spiffe://a/ns/x/sa/z");
    }

    @Test
    void missingCaFileIsNamed() throws Exception {
        int port = serve(AUTHORITY.issue("db.test"), socket -> {});
        Refused why = refused(port, "db.test", Optional.empty(), Map.of("ca", folder + "/absent.pem"));
        assertThat(why.text()).contains("absent.pem");
    }

    @Test
    void silentServerTimesOut() throws Exception {
        listening = new ServerSocket(0);
        Refused why = refused(listening.getLocalPort(), "db.test", Optional.empty(), Map.of());
        assertThat(why.reason()).isEqualTo(Refusal.TIMED_OUT);
    }

    @Test
    void serverWithoutTlsIsUnreachable() throws Exception {
        listening = new ServerSocket(0);
        answer(listening, "HTTP/1.1 400 Bad Request\r\n\r\n");
        Refused why = refused(listening.getLocalPort(), "db.test", Optional.empty(), Map.of());
        assertThat(why.reason()).isEqualTo(Refusal.UNREACHABLE);
        assertThat(why.text()).isEqualTo("tls: handshake: the peer speaks no TLS");
    }

    @Test
    void cancellingClosesWhatWasOpened() throws Exception {
        listening = new ServerSocket(0);
        Future<Channel> dialling =
                TLS.dial(dialOf(listening.getLocalPort(), "db.test", Optional.empty(), Map.of()), LOOPS.next());
        try (var accepted = listening.accept()) {
            LOOPS.next().submit(() -> dialling.cancel(false)).await(5, TimeUnit.SECONDS);
            accepted.setSoTimeout(5_000);
            while (accepted.getInputStream().read() >= 0) {
                // The hello, then the end.
            }
        }
    }

    @Test
    void negotiatesAnApplicationProtocol() throws Exception {
        int port = serve(AUTHORITY.issue("db.test"), socket -> {
            socket.getOutputStream()
                    .write(String.valueOf(socket.getApplicationProtocol()).getBytes(StandardCharsets.US_ASCII));
        });
        Channel channel = dial(port, "db.test", Optional.empty(), Map.of("alpn", "h2,http/1.1"));
        Sink sink = attach(channel);
        Awaitility.await().until(() -> sink.taken().length > 0);
        assertThat(new String(sink.taken(), StandardCharsets.US_ASCII)).isEqualTo("http/1.1");
        channel.close();
    }

    private static Sink attach(Channel channel) throws Exception {
        Sink sink = new Sink();
        channel.eventLoop()
                .submit(() -> {
                    channel.pipeline().addLast(sink);
                    channel.config().setAutoRead(true);
                })
                .await(5, TimeUnit.SECONDS);
        return sink;
    }

    private static Channel dial(int port, String host, Optional<String> identity, Map<String, String> options)
            throws Exception {
        Future<Channel> dialled = TLS.dial(dialOf(port, host, identity, options), LOOPS.next());
        assertThat(dialled.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(dialled.cause()).isNull();
        return dialled.getNow();
    }

    private static Refused refused(int port, String host, Optional<String> identity, Map<String, String> options)
            throws Exception {
        Future<Channel> dialled = TLS.dial(dialOf(port, host, identity, options), LOOPS.next());
        assertThat(dialled.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(dialled.cause()).isInstanceOf(Refused.class);
        return (Refused) dialled.cause();
    }

    private static Dial dialOf(int port, String host, Optional<String> identity, Map<String, String> options) {
        Map<String, String> all = new HashMap<>(Map.of("ca", ca.toString()));
        all.putAll(options);
        HostPort target = new HostPort(host, port);
        InetSocketAddress address = new InetSocketAddress("127.0.0.1", port);
        Endpoint endpoint = new Endpoint(
                target, List.of(address), List.of(new Carrier("tls", all), Carrier.TCP), identity, 1, true);
        return new Dial(
                Intent.bytes("test", Peer.of(address, address), target),
                endpoint,
                System.nanoTime() + Duration.ofSeconds(2).toNanos());
    }

    @FunctionalInterface
    private interface Talk {
        void with(SSLSocket socket) throws IOException;
    }

    private int serve(X509Bundle certificate, Talk talk) throws IOException {
        SSLServerSocket server = (SSLServerSocket)
                AUTHORITY.jdk(certificate).getServerSocketFactory().createServerSocket(0);
        var parameters = server.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"http/1.1"});
        server.setSSLParameters(parameters);
        listening = server;
        Thread thread = new Thread(() -> {
            try (SSLSocket socket = (SSLSocket) server.accept()) {
                socket.startHandshake();
                talk.with(socket);
                socket.shutdownOutput();
                socket.getInputStream().readAllBytes();
            } catch (IOException refused) {
                // The client said no, or the test is over.
            }
        });
        thread.setDaemon(true);
        thread.start();
        return server.getLocalPort();
    }

    private static void answer(ServerSocket server, String text) {
        Thread thread = new Thread(() -> {
            try (var socket = server.accept()) {
                socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
                socket.getInputStream().read();
            } catch (IOException over) {
                // The test is over.
            }
        });
        thread.setDaemon(true);
        thread.start();
    }
}
