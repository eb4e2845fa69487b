package dev.ugate.protocols.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.model.HostPort;
import dev.ugate.model.Identity;
import dev.ugate.model.Refusal;
import dev.ugate.model.Route;
import dev.ugate.model.Timeouts;
import dev.ugate.net.Loops;
import dev.ugate.net.tls.Certificates;
import dev.ugate.net.tls.PemCertificates;
import dev.ugate.protocols.socks5.Socks5;
import dev.ugate.testing.Authority;
import dev.ugate.testing.Waist;
import io.netty.handler.ssl.ClientAuth;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS through the whole waist, against the JDK's TLS: terminated, passed through, refused. */
@Timeout(60)
final class TlsIT {
    private static final Authority AUTHORITY = Authority.create();
    private static final Authority CLIENTS = Authority.create();
    private static final byte[] MUCH = new byte[3_000_001];

    @TempDir
    static Path folder;

    private static Certificates certificates;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Waist waist =
            new Waist(Loops.Backend.EPOLL, Timeouts.STANDARD, List.of(new Socks5(), new Tls(certificates)), 1_000);

    @BeforeAll
    static void certify() throws IOException {
        new Random(1).nextBytes(MUCH);
        Path issuers = CLIENTS.writeRoot(folder);
        certificates = PemCertificates.load(
                List.of(
                        files("web", ClientAuth.NONE, Optional.empty(), "web.test"),
                        files("mutual", ClientAuth.REQUIRE, Optional.of(issuers), "mutual.test"),
                        files("asking", ClientAuth.OPTIONAL, Optional.of(issuers), "asking.test")),
                List.of("h2", "http/1.1", "echo"));
    }

    @AfterAll
    static void forget() {
        certificates = Certificates.NONE;
    }

    @AfterEach
    void close() {
        waist.close();
        threads.shutdownNow();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void terminatesAndCarriesWhatIsInside(String version) throws Exception {
        try (SSLSocket socket = socket(listenToEcho(), "web.test", null)) {
            socket.setEnabledProtocols(new String[] {version});
            socket.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
            assertThat(socket.getInputStream().readNBytes(5)).asString().isEqualTo("hello");
        }
    }

    @Test
    void clientMayEndFirstInsideTls() throws Exception {
        try (SSLSocket socket = socket(listenToEcho(), "web.test", null)) {
            var written = threads.submit(() -> {
                socket.getOutputStream().write(MUCH);
                socket.shutdownOutput();
                return null;
            });
            assertThat(socket.getInputStream().readAllBytes()).isEqualTo(MUCH);
            written.get();
        }
        Awaitility.await().until(() -> !waist.notes.ended().isEmpty());
        assertThat(waist.notes.ended().get(0).refused()).isEmpty();
        assertThat(waist.notes.ended().get(0).bytesIn()).isEqualTo(MUCH.length);
    }

    @Test
    void socks5InsideTls() throws Exception {
        int echo = echo();
        int port = ((InetSocketAddress)
                        waist.listen(Optional.empty(), Optional.empty()).address())
                .getPort();
        try (SSLSocket socket = socket(port, "web.test", null)) {
            OutputStream out = socket.getOutputStream();
            out.write(new byte[] {5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, (byte) (echo >> 8), (byte) echo, 'x'});
            InputStream in = socket.getInputStream();
            assertThat(in.readNBytes(2)).containsExactly(5, 0);
            assertThat(in.readNBytes(10)).startsWith(5, 0, 0, 1);
            assertThat(in.readNBytes(1)).containsExactly('x');
        }
        assertThat(waist.notes.detected()).containsExactly("tls", "socks5");
    }

    @Test
    void noNameGetsTheFirstCertificate() throws Exception {
        try (SSLSocket socket = socket(listenToEcho(), null, null)) {
            socket.startHandshake();
            assertThat(socket.getSession().getPeerCertificates()[0].toString()).contains("web.test");
        }
    }

    @Test
    void passesOtherNamesThroughUntouched() throws Exception {
        var server = AUTHORITY
                .jdk(AUTHORITY.issue("db.test"))
                .getServerSocketFactory()
                .createServerSocket(0);
        serve(server);
        waist.routes(new Route(
                "db",
                intent -> intent.protocol().equals("tls") && intent.target().equals(new HostPort("db.test", 443)),
                new Route.Forward(
                        List.of(new Route.Destination(
                                Optional.of("127.0.0.1:" + server.getLocalPort()), 1, List.of(), Optional.empty())),
                        Optional.empty(),
                        Optional.empty())));
        try (SSLSocket socket = socket(listenToEcho(), "db.test", null)) {
            socket.startHandshake();
            assertThat(socket.getSession().getPeerCertificates()[0].toString()).contains("db.test");
            socket.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
            assertThat(socket.getInputStream().readNBytes(5)).asString().isEqualTo("hello");
        }
        Awaitility.await().until(() -> !waist.notes.ended().isEmpty());
        assertThat(waist.notes.ended().get(0).intent().labels()).containsEntry("sni", "db.test");
    }

    @Test
    void refusalIsAnAlertThatTheClientUnderstands() throws Exception {
        // Nobody resolves this name here.
        try (SSLSocket socket = socket(listenToEcho(), "nobody.test", null)) {
            assertThatThrownBy(socket::startHandshake).hasMessageContaining("internal_error");
        }
    }

    @Test
    void clientCertificateBecomesTheIdentity() throws Exception {
        try (SSLSocket socket = socket(listenToEcho(), "mutual.test", CLIENTS.issue("spiffe://a/ns/x/sa/y"))) {
            echoes(socket);
        }
        assertThat(identity()).contains(new Identity("spiffe://a/ns/x/sa/y", Identity.Proof.CERTIFICATE));
    }

    @Test
    void missingClientCertificateIsRefused() throws Exception {
        try (SSLSocket socket = socket(listenToEcho(), "mutual.test", null)) {
            assertThatThrownBy(() -> echoes(socket)).isInstanceOf(IOException.class);
        }
        assertFailed(Refusal.UNAUTHENTICATED, "tls: client certificate: ");
    }

    @Test
    void clientCertificateOfAStrangerIsRefused() throws Exception {
        try (SSLSocket socket = socket(listenToEcho(), "mutual.test", AUTHORITY.issue("spiffe://a/b"))) {
            assertThatThrownBy(() -> echoes(socket)).isInstanceOf(IOException.class);
        }
        assertFailed(Refusal.UNAUTHENTICATED, "tls: client certificate: ");
    }

    @Test
    void clientCertificateMayBeMissingWhereItIsOnlyRequested() throws Exception {
        try (SSLSocket socket = socket(listenToEcho(), "asking.test", null)) {
            echoes(socket);
        }
        assertThat(identity()).isEmpty();
    }

    @Test
    void t4UnknownApplicationProtocolIsRefused() throws Exception {
        try (SSLSocket socket = socket(listenToEcho(), "web.test", null)) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"imap"});
            socket.setSSLParameters(parameters);
            assertThatThrownBy(socket::startHandshake).hasMessageContaining("no_application_protocol");
        }
    }

    @Test
    void agreesOnAnApplicationProtocol() throws Exception {
        try (SSLSocket socket = socket(listenToEcho(), "web.test", null)) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"imap", "echo"});
            socket.setSSLParameters(parameters);
            echoes(socket);
            assertThat(socket.getApplicationProtocol()).isEqualTo("echo");
        }
    }

    @Test
    void t18GarbageAfterTheHelloClosesAndIsCounted() throws Exception {
        int port = listenToEcho();
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(hello());
            // Garbage before the answer might find the connection closed for another reason.
            assertThat(socket.getInputStream().read()).isEqualTo(22);
            socket.getOutputStream().write(new byte[] {23, 3, 3, 0, 5, 1, 2, 3, 4, 5});
            socket.getInputStream().readAllBytes();
        }
        Awaitility.await().until(() -> !waist.notes.failed().isEmpty());
    }

    /** A whole one. Without a name it gets the first certificate. */
    private static byte[] hello() throws IOException {
        SSLEngine engine = AUTHORITY.jdk(null).createSSLEngine();
        engine.setUseClientMode(true);
        ByteBuffer hello = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), hello);
        return Arrays.copyOf(hello.array(), hello.position());
    }

    private Optional<Identity> identity() {
        Awaitility.await().until(() -> !waist.notes.ended().isEmpty());
        return waist.notes.ended().get(0).intent().peer().identity();
    }

    private void assertFailed(Refusal reason, String text) {
        Awaitility.await().until(() -> !waist.notes.failed().isEmpty());
        assertThat(waist.notes.failed().get(0).reason()).isEqualTo(reason);
        assertThat(waist.notes.failed().get(0).text()).startsWith(text);
    }

    private static void echoes(SSLSocket socket) throws IOException {
        socket.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
        assertThat(socket.getInputStream().readNBytes(5)).asString().isEqualTo("hello");
    }

    /** A listener whose unknown bytes go to an echo server; the port it is bound to. */
    private int listenToEcho() throws IOException {
        HostPort echo = new HostPort("127.0.0.1", echo());
        return ((InetSocketAddress)
                        waist.listen(Optional.empty(), Optional.of(echo)).address())
                .getPort();
    }

    private int echo() throws IOException {
        ServerSocket server = new ServerSocket(0);
        serve(server);
        return server.getLocalPort();
    }

    private void serve(ServerSocket server) {
        threads.submit(() -> {
            try (server;
                    Socket socket = server.accept()) {
                byte[] buffer = new byte[64 << 10];
                InputStream in = socket.getInputStream();
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    socket.getOutputStream().write(buffer, 0, n);
                }
                socket.shutdownOutput();
            }
            return null;
        });
    }

    private static SSLSocket socket(int port, String name, X509Bundle own) throws IOException {
        SSLContext context = AUTHORITY.jdk(own);
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port);
        socket.setSoTimeout(20_000);
        if (name != null) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setServerNames(List.of(new SNIHostName(name)));
            socket.setSSLParameters(parameters);
        }
        return socket;
    }

    private static PemCertificates.Files files(String file, ClientAuth clientAuth, Optional<Path> ca, String... names) {
        Path cert = Authority.write(folder, file, AUTHORITY.issue(names));
        return new PemCertificates.Files(cert, folder.resolve(file + ".key"), clientAuth, ca);
    }
}
