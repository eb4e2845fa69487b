package dev.ugate.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.testing.FreePort;
import dev.ugate.testing.Peers;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** F2: an upstream is killed by SIGKILL; its client knows within a second, and nobody else notices. */
@Tag("interop")
@Timeout(60)
final class UpstreamKilledIT {
    private static final Duration SOON = Duration.ofSeconds(1);

    @TempDir
    Path folder;

    private Running running;
    private Process upstream;
    private int port;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        Peers.require("nc");
        running = Running.of(folder, Running.OPEN, Running.LOCAL);
        port = FreePort.next();
        upstream = new ProcessBuilder(Peers.program("nc").toString(), "-l", "127.0.0.1", "" + port).start();
        // It accepts one connection only, so it must not be probed by one.
        String listening = String.format(":%04X ", port);
        Awaitility.await()
                .until(() -> java.nio.file.Files.readAllLines(Path.of("/proc/net/tcp")).stream()
                        .anyMatch(line -> line.contains(listening + "00000000:0000 0A")));
    }

    @AfterEach
    void stop() {
        running.close();
        upstream.destroyForcibly();
    }

    private void kill() throws InterruptedException {
        upstream.destroyForcibly();
        assertThat(upstream.waitFor(5, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void endsTheTunnelAndOnlyThat() throws Exception {
        try (Upstream echo = Upstream.echo();
                Socket other = Client.socks5(running.address(), "127.0.0.1", echo.port());
                Socket tunnel = Client.socks5(running.address(), "127.0.0.1", port)) {
            upstream.getOutputStream().write('x');
            upstream.getOutputStream().flush();
            assertThat(tunnel.getInputStream().read()).isEqualTo('x');
            kill();
            long killed = System.nanoTime();
            assertThat(ended(tunnel)).isTrue();
            assertThat(Duration.ofNanos(System.nanoTime() - killed)).isLessThan(SOON);
            assertThat(Client.echoes(other, "unharmed")).isTrue();
        }
        // Nothing of it is kept: the next dial is answered by what is there now.
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> Client.socks5(running.address(), "127.0.0.1", port))
                .hasMessage("socks5 reply 5");
    }

    private static boolean ended(Socket socket) {
        try {
            return socket.getInputStream().read() < 0;
        } catch (IOException reset) {
            return true;
        }
    }

    @Test
    void answersBadGatewayForTheRequestItHad() throws Exception {
        try (Socket client = Client.connect(running.address())) {
            String request = "GET http://127.0.0.1:" + port + "/ HTTP/1.1\r\nHost: x\r\n\r\n";
            client.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            assertThat(upstream.getInputStream().read()).isEqualTo('G');
            kill();
            long killed = System.nanoTime();
            byte[] status = Upstream.exactly(client.getInputStream(), 12);
            assertThat(new String(status, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 502");
            assertThat(Duration.ofNanos(System.nanoTime() - killed)).isLessThan(SOON);
        }
    }

    @Test
    void cutsTheAnswerThatItHadBegun() throws Exception {
        try (Socket client = Client.connect(running.address())) {
            String request = "GET http://127.0.0.1:" + port + "/ HTTP/1.1\r\nHost: x\r\n\r\n";
            client.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            upstream.getOutputStream()
                    .write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf".getBytes(StandardCharsets.US_ASCII));
            upstream.getOutputStream().flush();
            StringBuilder heard = new StringBuilder();
            while (!heard.toString().endsWith("half")) {
                heard.append((char) Upstream.exactly(client.getInputStream(), 1)[0]);
            }
            kill();
            long killed = System.nanoTime();
            assertThat(ended(client)).isTrue();
            assertThat(Duration.ofNanos(System.nanoTime() - killed)).isLessThan(SOON);
        }
    }
}
