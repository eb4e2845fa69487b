package dev.ugate.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two instances that join through a network which lets only HTTP pass: SOCKS5 to the first, a WebSocket between them. */
@Timeout(60)
final class WebSocketTunnelIT {
    private static final byte[] BODY = new byte[5 << 20];

    static {
        new Random(9).nextBytes(BODY);
    }

    @TempDir
    Path folder;

    private Upstream target;
    private Running exit;

    @BeforeEach
    void start() throws IOException {
        target = Upstream.echo();
        Path state = Files.createDirectory(folder.resolve("exit"));
        exit = Running.of(
                state,
                "listeners: [{address: \"127.0.0.1:0\", forward: open, http: {websocket: {origins: [\"https://app.example\"]}}}]\n",
                Running.LOCAL);
    }

    @AfterEach
    void stop() throws IOException {
        exit.close();
        target.close();
    }

    private Running entry(String upstream) throws IOException {
        return Running.of(
                Files.createDirectory(folder.resolve("entry")),
                Running.OPEN,
                "routes: [{name: far, upstream: " + upstream + "}]\n",
                Running.LOCAL);
    }

    private Socket through(Running running) throws IOException {
        Socket socket = new Socket(new Proxy(Proxy.Type.SOCKS, running.address()));
        socket.setSoTimeout(20_000);
        socket.connect(InetSocketAddress.createUnresolved("127.0.0.1", target.port()));
        return socket;
    }

    @Test
    void carriesSocksToSocksAndEachDirectionEndsAlone() throws Exception {
        String upstream = "{proxy: \"socks5://127.0.0.1:" + exit.address().getPort() + "\", websocket: {}}";
        try (Running entry = entry(upstream);
                Socket client = through(entry)) {
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
            await().untilAsserted(() -> assertThat(entry.accessLines()).hasSize(1));
            assertThat(entry.accessLines().get(0))
                    .contains("\"reason\":\"ok\",\"bytes_in\":5242880,\"bytes_out\":5242880");
        }
        await().untilAsserted(() -> assertThat(exit.accessLines()).hasSize(1));
        assertThat(exit.accessLines().get(0))
                .contains("\"protocol\":\"socks5\"")
                .contains("\"reason\":\"ok\"");
    }

    @Test
    void aTargetThatRefusesIsRefusedAtTheEntry() throws Exception {
        String upstream = "{proxy: \"socks5://127.0.0.1:" + exit.address().getPort() + "\", websocket: {}}";
        target.close();
        try (Running entry = entry(upstream)) {
            assertThatThrownBy(() -> through(entry)).hasMessageContaining("Connection refused");
        }
    }

    @Test
    void anotherPathIsNoCarrier() throws Exception {
        String upstream =
                "{proxy: \"socks5://127.0.0.1:" + exit.address().getPort() + "\", websocket: {path: /elsewhere}}";
        try (Running entry = entry(upstream)) {
            assertThatThrownBy(() -> through(entry)).isInstanceOf(IOException.class);
            await().untilAsserted(() -> assertThat(entry.accessLines()).hasSize(1));
            assertThat(entry.accessLines().get(0)).contains("ws: handshake: status");
        }
    }

    @Test
    void pagesOfOtherOriginsAreKeptOut() throws Exception {
        assertThat(status("https://evil.example")).startsWith("HTTP/1.1 403 Forbidden");
        assertThat(status("https://app.example")).startsWith("HTTP/1.1 101 Switching Protocols");
    }

    private String status(String origin) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", exit.address().getPort())) {
            socket.setSoTimeout(20_000);
            OutputStream out = socket.getOutputStream();
            out.write(
                    ("GET /.well-known/ugate HTTP/1.1\r\nHost: gate.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: "
                                    + origin
                                    + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            return new String(in.readNBytes(34), StandardCharsets.US_ASCII);
        }
    }
}
