package dev.ugate.app.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ugate.app.Running;
import dev.ugate.app.Upstream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** SOCKS5 to one instance, HBONE in the clear to a second, TCP to an application. */
@Timeout(60)
final class HboneIT {
    private static final byte[] BODY = new byte[9 << 20];

    static {
        new Random(5).nextBytes(BODY);
    }

    @TempDir
    Path folder;

    private Upstream target;
    private Running exit;
    private Running entry;

    @BeforeEach
    void start() throws IOException {
        target = Upstream.echo();
        exit = Running.of(
                Files.createDirectory(folder.resolve("exit")),
                "listeners: [{address: \"127.0.0.1:0\", forward: open, protocols: [hbonec]}]\n",
                """
                policy:
                  default: deny
                  deny: [{name: no-mail, port: 25}]
                  allow: [{name: local-peers, from: 127.0.0.0/8}]
                """);
        entry = Running.of(
                Files.createDirectory(folder.resolve("entry")),
                Running.OPEN,
                "routes: [{name: far, to: \"127.0.0.1:" + exit.address().getPort() + "\", via: [" + CLEAR + "]}]\n",
                Running.LOCAL);
    }

    /** The word of HBONE without TLS. */
    static final String CLEAR = "hbonec";

    @AfterEach
    void stop() throws IOException {
        entry.close();
        exit.close();
        target.close();
    }

    private Socket through(Running running, int port) throws IOException {
        Socket socket = new Socket(new Proxy(Proxy.Type.SOCKS, running.address()));
        socket.setSoTimeout(20_000);
        socket.connect(InetSocketAddress.createUnresolved("127.0.0.1", port));
        return socket;
    }

    @Test
    void carriesEachDirectionToItsOwnEnd() throws Exception {
        try (Socket client = through(entry, target.port())) {
            CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
                try {
                    client.getOutputStream().write(BODY);
                    client.shutdownOutput();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            assertThat(client.getInputStream().readAllBytes()).isEqualTo(BODY);
            sent.join();
        }
        await().untilAsserted(() -> assertThat(exit.accessLines()).hasSize(1));
        assertThat(exit.accessLines().get(0))
                .contains("\"protocol\":\"hbonec\"", "\"reason\":\"ok\",\"bytes_in\":9437184,\"bytes_out\":9437184")
                .contains("\"to\":\"127.0.0.1:" + target.port(), "\"via\":\"127.0.0.1:" + target.port() + "\"");
        assertThat(entry.accessLines().get(0))
                .as("what was asked for, and where the tunnel went")
                .contains("\"via\":\"127.0.0.1:" + target.port() + "/127.0.0.1:"
                        + exit.address().getPort() + "\"");
    }

    /** Each may be 4 MiB ahead of its reader, and all of a connection, one a loop, were 16 MiB ahead at most: four stopped every other. */
    @Test
    void tunnelsThatNobodyReadsHoldUpNoOther() throws Exception {
        AtomicLong written = new AtomicLong();
        List<Socket> sockets = new ArrayList<>();
        try (ServerSocket server = new ServerSocket(0)) {
            for (int i = 0; i < 12; i++) {
                sockets.add(through(entry, server.getLocalPort()));
                Socket accepted = server.accept();
                sockets.add(accepted);
                CompletableFuture.runAsync(() -> writesOn(accepted, written), task -> new Thread(task).start());
            }
            await().pollInterval(Duration.ofMillis(500)).until(written::get, new Still());
            try (Socket client = through(entry, target.port())) {
                client.getOutputStream().write("ping".getBytes(StandardCharsets.US_ASCII));
                assertThat(client.getInputStream().readNBytes(4)).asString().isEqualTo("ping");
            }
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    private static void writesOn(Socket socket, AtomicLong written) {
        byte[] part = new byte[64 * 1024];
        try {
            while (true) {
                socket.getOutputStream().write(part);
                written.addAndGet(part.length);
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    /** More than all tunnels were allowed together, and no more since the last look. */
    private static final class Still implements Predicate<Long> {
        private long before;

        @Override
        public boolean test(Long now) {
            boolean still = now > 16 << 20 && now == before;
            before = now;
            return still;
        }
    }

    @Test
    void serverMayEndFirst() throws Exception {
        try (ServerSocket server = new ServerSocket(0);
                Socket client = through(entry, server.getLocalPort());
                Socket accepted = server.accept()) {
            accepted.setSoTimeout(20_000);
            accepted.getOutputStream().write("bye".getBytes(StandardCharsets.US_ASCII));
            accepted.shutdownOutput();
            assertThat(client.getInputStream().readAllBytes()).asString().isEqualTo("bye");
            client.getOutputStream().write("still here".getBytes(StandardCharsets.US_ASCII));
            client.shutdownOutput();
            assertThat(accepted.getInputStream().readAllBytes()).asString().isEqualTo("still here");
        }
    }

    @Test
    void t28BreakIsNoEnd() throws Exception {
        try (ServerSocket server = new ServerSocket(0);
                Socket client = through(entry, server.getLocalPort());
                Socket accepted = server.accept()) {
            accepted.setSoLinger(true, 0);
            accepted.close();
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
        }
        try (ServerSocket server = new ServerSocket(0);
                Socket client = through(entry, server.getLocalPort());
                Socket accepted = server.accept()) {
            accepted.setSoTimeout(20_000);
            client.setSoLinger(true, 0);
            client.close();
            assertThatThrownBy(() -> accepted.getInputStream().read()).isInstanceOf(SocketException.class);
        }
    }

    @Test
    void tunnelsShareOneConnectionOfALoop() throws Exception {
        List<Socket> clients = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            clients.add(through(entry, target.port()));
        }
        for (Socket client : clients) {
            client.getOutputStream().write('x');
            assertThat(client.getInputStream().read()).isEqualTo('x');
        }
        assertThat(entry.metric("ugate_mesh_connections")).isBetween(1.0, 2.0);
        assertThat(exit.metric("ugate_streams_live")).isGreaterThanOrEqualTo(20);
        for (Socket client : clients) {
            client.close();
        }
    }

    @Test
    void reasonsOfTheFarSideComeOutInTheClientsTongue() throws Exception {
        int closed;
        try (ServerSocket gone = new ServerSocket(0)) {
            closed = gone.getLocalPort();
        }
        assertThat(socks(closed)).as("connection refused").isEqualTo(5);
        assertThat(socks(25)).as("denied by the far side's policy").isEqualTo(2);
        assertThat(connect(closed)).startsWith("HTTP/1.1 502").contains("error=connection_refused");
        assertThat(connect(25)).startsWith("HTTP/1.1 403").contains("error=http_request_denied");
        await().untilAsserted(() -> assertThat(entry.accessLines()).hasSize(4));
        assertThat(entry.accessLines().get(0)).contains("hbone: status 503: connection_refused");
        assertThat(entry.accessLines().get(1)).contains("hbone: status 401: http_request_denied");
    }

    private int socks(int port) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", entry.address().getPort())) {
            socket.setSoTimeout(20_000);
            OutputStream out = socket.getOutputStream();
            out.write(new byte[] {5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, (byte) (port >> 8), (byte) port});
            InputStream in = socket.getInputStream();
            return in.readNBytes(4)[3];
        }
    }

    private String connect(int port) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", entry.address().getPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write(("CONNECT 127.0.0.1:" + port + " HTTP/1.1\r\nHost: a\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    @Test
    void restartedFarSideCostsNoStream() throws Exception {
        try (Socket before = through(entry, target.port())) {
            before.getOutputStream().write('x');
            assertThat(before.getInputStream().read()).isEqualTo('x');
            exit.app().drain();
            before.getOutputStream().write('y');
            assertThat(before.getInputStream().read()).as("what runs goes on").isEqualTo('y');
        }
    }

    @Test
    void t63LoopIsCut() throws Exception {
        Running second = Running.of(
                Files.createDirectory(folder.resolve("second")),
                "listeners: [{address: \"127.0.0.1:0\", forward: open, protocols: [hbonec, socks5]}]\n",
                "routes: [{name: back, to: \"127.0.0.1:" + entry.address().getPort() + "\", via: [" + CLEAR + "]}]\n",
                Running.LOCAL);
        try (second) {
            Running.write(
                    folder.resolve("entry"),
                    Running.OPEN,
                    "routes: [{name: far, to: \"127.0.0.1:" + second.address().getPort() + "\", via: [" + CLEAR
                            + "]}]\n",
                    Running.LOCAL);
            assertThat(entry.app().reload()).isEmpty();
            assertThat(connect(9)).startsWith("HTTP/1.1 508").contains("proxy_loop_detected");
        }
    }

    @Test
    void tunnelWithinATunnelGoesThroughAGatewayThatSeesBytesAlone() throws Exception {
        Running gateway = Running.of(
                Files.createDirectory(folder.resolve("gateway")),
                "listeners: [{address: \"127.0.0.1:0\", forward: none, protocols: [hbonec]}]\n",
                "routes: [{name: inside, to: \"127.0.0.1:" + exit.address().getPort() + "\"}]\n",
                Running.LOCAL);
        try (gateway) {
            Running.write(
                    folder.resolve("entry"),
                    Running.OPEN,
                    "routes: [{name: far, to: \"127.0.0.1:" + gateway.address().getPort()
                            + "\", via: [hbonec, hbonec]}]\n",
                    Running.LOCAL);
            assertThat(entry.app().reload()).isEmpty();
            for (int i = 0; i < 3; i++) {
                carriesEachDirectionToItsOwnEnd(gateway, i + 1);
            }
            assertThat(exit.metric("ugate_connections_open"))
                    .as("one inner connection a stream, none left")
                    .isZero();
            assertThat(socks(25)).as("denied by the far side's policy").isEqualTo(2);
        }
    }

    private void carriesEachDirectionToItsOwnEnd(Running gateway, int streams) throws Exception {
        try (Socket client = through(entry, target.port())) {
            CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
                try {
                    client.getOutputStream().write(BODY);
                    client.shutdownOutput();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            assertThat(client.getInputStream().readAllBytes()).isEqualTo(BODY);
            sent.join();
        }
        await().untilAsserted(() -> assertThat(exit.accessLines()).hasSize(streams));
        await().untilAsserted(() -> assertThat(gateway.accessLines()).hasSize(streams));
        assertThat(gateway.accessLines().get(streams - 1)).contains("\"protocol\":\"hbonec\"", "\"reason\":\"ok\"");
    }
}
