package dev.ugate.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The admin interface as a stranger, a browser and its owner meet it. */
final class AdminTest {
    @TempDir
    Path folder;

    private Running running;

    @BeforeEach
    void start() throws IOException {
        running = Running.of(folder, Running.OPEN, Running.LOCAL);
    }

    @AfterEach
    void stop() {
        running.close();
    }

    private String tcp(String request) throws IOException {
        try (Socket socket = Client.connect(running.admin())) {
            return Client.say(socket, request.replace("\n", "\r\n") + "\r\n\r\n");
        }
    }

    private String token() throws IOException {
        return Files.readString(running.state().resolve("admin.token")).strip();
    }

    @Test
    void keepsSocketAndTokenForTheOwnerAlone() throws IOException {
        for (String name : new String[] {"admin.sock", "admin.token"}) {
            assertThat(PosixFilePermissions.toString(
                            Files.getPosixFilePermissions(running.state().resolve(name))))
                    .as(name)
                    .isEqualTo("rw-------");
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(running.state())))
                .isEqualTo("rwx------");
        assertThat(token()).hasSize(64);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/healthz/ready", "/healthz/live", "/metrics"})
    void answersHealthAndMetricsOnTcpWithoutToken(String path) throws IOException {
        assertThat(tcp("GET " + path + " HTTP/1.1\nHost: 127.0.0.1\nConnection: close"))
                .startsWith("HTTP/1.1 200");
        assertThat(tcp("HEAD " + path + " HTTP/1.1\nHost: 127.0.0.1\nConnection: close"))
                .startsWith("HTTP/1.1 200")
                .endsWith("\r\n\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /streams",
                "GET /config",
                "POST /reload",
                "POST /drain",
                "POST /quitquitquit",
                "POST /healthz/ready",
                "GET /nothing",
                "GET /healthz"
            })
    void demandsTheTokenForEverythingElse(String request) throws IOException {
        assertThat(tcp(request + " HTTP/1.1\nHost: localhost\nContent-Length: 0\nConnection: close"))
                .startsWith("HTTP/1.1 401");
        assertThat(running.app().state()).isEqualTo("ready");
    }

    @Test
    void takesTheTokenOnly() throws IOException {
        String ask = "GET /status HTTP/1.1\nHost: 127.0.0.1\nConnection: close\nAuthorization: ";
        assertThat(tcp(ask + "Bearer " + token())).startsWith("HTTP/1.1 200");
        assertThat(tcp(ask + "bearer " + token())).startsWith("HTTP/1.1 200");
        assertThat(tcp(ask + "Bearer " + token().substring(1))).startsWith("HTTP/1.1 401");
        assertThat(tcp(ask + "Bearer ")).startsWith("HTTP/1.1 401");
        assertThat(tcp(ask + "Basic " + token())).startsWith("HTTP/1.1 401");
    }

    /** T120: a page whose name resolves to loopback reaches the port, but says its own name. */
    @ParameterizedTest
    @ValueSource(strings = {"evil.example", "evil.example:15000", "192.0.2.1", "localhost.evil.example", "0.0.0.0"})
    void turnsAwayHostsThatAreNotLoopback(String host) throws IOException {
        String answer =
                tcp("GET /metrics HTTP/1.1\nHost: " + host + "\nConnection: close\nAuthorization: Bearer " + token());
        assertThat(answer).startsWith("HTTP/1.1 403");
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "localhost:15000", "LOCALHOST", "127.0.0.1", "127.9.9.9:1", "[::1]:15000"})
    void acceptsEverySpellingOfLoopback(String host) throws IOException {
        assertThat(tcp("GET /healthz/ready HTTP/1.1\nHost: " + host + "\nConnection: close"))
                .startsWith("HTTP/1.1 200");
    }

    @Test
    void tunnelsOnTheUnixSocketOnly() throws IOException {
        try (Upstream upstream = Upstream.echo()) {
            assertThat(tcp("CONNECT " + upstream.at() + " HTTP/1.1\nHost: localhost\nAuthorization: Bearer " + token()))
                    .startsWith("HTTP/1.1 403");
            assertThat(upstream.accepted()).isZero();
        }
    }

    @Test
    void saysWhichPathItDoesNotKnow() throws IOException {
        assertThat(running.ask("GET", "/nothing")).startsWith("HTTP/1.1 404").contains("admin /nothing: unknown path");
        assertThat(running.ask("GET", "/drain")).startsWith("HTTP/1.1 404");
        assertThat(running.ask("DELETE", "/config")).startsWith("HTTP/1.1 405");
    }

    @Test
    void showsMetricsConfigRoutesAndStatus() throws IOException {
        assertThat(running.metric("ugate_streams_live")).isZero();
        assertThat(running.ask("GET", "/config")).contains("listeners:").contains("local-peers");
        assertThat(running.ask("GET", "/status?form=text"))
                .contains("ready")
                .contains("listening on 127.0.0.1:" + running.address().getPort());
        String json = running.ask("GET", "/status");
        Map<String, Object> status = Json.object(json.substring(json.indexOf("\r\n\r\n")));
        assertThat(status).containsEntry("state", "ready").containsEntry("streams", 0.0);
        assertThat(running.ask("GET", "/routes")).startsWith("HTTP/1.1 200");
        assertThat(running.ask("GET", "/version")).contains("netty");
    }

    @Test
    void changesTheLogLevelByPostOnly() throws IOException {
        assertThat(running.ask("GET", "/loglevel")).endsWith("\r\n\r\ninfo\n");
        assertThat(running.ask("GET", "/loglevel?level=debug")).endsWith("\r\n\r\ninfo\n");
        assertThat(running.ask("POST", "/loglevel?level=Debug")).endsWith("level: debug\n");
        assertThat(running.ask("GET", "/loglevel")).endsWith("\r\n\r\ndebug\n");
        assertThat(running.ask("POST", "/loglevel?level=loud")).startsWith("HTTP/1.1 400");
        assertThat(running.ask("POST", "/loglevel")).startsWith("HTTP/1.1 400");
    }

    @Test
    void namesTheProxyForProgramsOfThisMachine() throws IOException {
        assertThat(running.ask("GET", "/proxy"))
                .endsWith("\r\n\r\n127.0.0.1:" + running.address().getPort() + "\n");
    }

    @Test
    void listsLiveStreamsAsJsonAndText() throws IOException {
        try (Upstream upstream = Upstream.echo();
                Socket tunnel = Client.socks5(running.address(), "127.0.0.1", upstream.port())) {
            assertThat(Client.echoes(tunnel, "alive")).isTrue();
            String answer = running.ask("GET", "/streams");
            Map<String, Object> streams = Json.object(answer.substring(answer.indexOf("\r\n\r\n")));
            assertThat(streams).containsEntry("count", 1.0);
            assertThat(Json.list(streams, "streams").get(0))
                    .containsEntry("protocol", "socks5")
                    .containsEntry("to", upstream.at());
            assertThat(running.ask("GET", "/streams?form=text"))
                    .contains("socks5")
                    .contains(upstream.at())
                    .endsWith("1 streams\n");
        }
    }

    @Test
    void quitsWithoutGrace() throws IOException {
        assertThat(running.ask("POST", "/quitquitquit")).startsWith("HTTP/1.1 202");
        assertThat(running.app().awaitEnd()).isZero();
        assertThat(running.state().resolve("admin.sock")).doesNotExist();
        assertThatThrownBy(() -> Client.connect(running.address())).isInstanceOf(Exception.class);
    }

    @Test
    void drainsOnRequestAndSaysSoMeanwhile() throws IOException {
        try (Upstream upstream = Upstream.echo();
                Socket tunnel = Client.socks5(running.address(), "127.0.0.1", upstream.port())) {
            assertThat(running.ask("POST", "/drain")).startsWith("HTTP/1.1 202");
            await().untilAsserted(() -> assertThat(running.ask("GET", "/healthz/ready"))
                    .startsWith("HTTP/1.1 503")
                    .endsWith("draining\n"));
            assertThat(running.ask("POST", "/reload"))
                    .startsWith("HTTP/1.1 400")
                    .contains("draining");
            assertThat(running.app().addresses()).isEmpty();
            assertThat(Client.say(tunnel, "last words")).isEqualTo("last words");
        }
        assertThat(running.app().awaitEnd()).isZero();
    }
}
