package dev.ugate.protocols.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.ugate.config.Config;
import dev.ugate.config.ConfigFile;
import dev.ugate.model.Route;
import dev.ugate.testing.Peers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sessions that stay where they began, with curl's cookies. */
@Tag("interop")
@Timeout(60)
final class SessionPersistenceIT {
    private static final int ORIGINS = 3;
    private static final int REQUESTS = 12;

    @TempDir
    private Path folder;

    private final Proxy proxy = Proxy.open();
    private final List<HttpServer> origins = new ArrayList<>();
    private volatile int busy = -1;

    @BeforeEach
    void start() throws IOException {
        Peers.require("curl");
        for (int i = 0; i < ORIGINS; i++) {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
            int number = i;
            byte[] name = String.valueOf(i).getBytes(StandardCharsets.US_ASCII);
            server.createContext("/", exchange -> {
                try (exchange) {
                    exchange.sendResponseHeaders(busy == number ? 503 : 200, name.length);
                    exchange.getResponseBody().write(name);
                }
            });
            server.start();
            origins.add(server);
        }
    }

    @AfterEach
    void close() {
        proxy.close();
        origins.forEach(server -> server.stop(0));
    }

    private void route(String persistence, int... weights) {
        StringBuilder to = new StringBuilder();
        for (int i = 0; i < ORIGINS; i++) {
            int weight = weights.length == 0 ? 1 : weights[i];
            to.append("      - {endpoint: \"127.0.0.1:")
                    .append(origins.get(i).getAddress().getPort())
                    .append("\", weight: ")
                    .append(weight)
                    .append("}\n");
        }
        Config config = ConfigFile.parse(
                "version: 1\nlisteners: [{address: \"127.0.0.1:0\"}]\nroutes:\n  - name: shop\n    balance: round-robin\n"
                        + "    retry: {attempts: 1, codes: 503}\n    sessionPersistence: " + persistence + "\n    to:\n"
                        + to,
                Path.of("/"));
        proxy.waist.routes(config.routes().toArray(Route[]::new));
    }

    /** What it was answered, the body at the end. */
    private String curl(String... words) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of(Peers.program("curl").toString(), "-s", "-i", "--max-time", "20"));
        command.addAll(List.of(words));
        command.add("http://127.0.0.1:" + proxy.port() + "/cart");
        Process process = new ProcessBuilder(command).start();
        String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assertThat(process.waitFor()).isZero();
        return answer;
    }

    private String session(String name, String... words) throws IOException, InterruptedException {
        String jar = folder.resolve(name).toString();
        List<String> all = new ArrayList<>(List.of("-b", jar, "-c", jar));
        all.addAll(List.of(words));
        return curl(all.toArray(String[]::new));
    }

    private static int origin(String answer) {
        return Integer.parseInt(answer.substring(answer.length() - 1));
    }

    /** Each of the two loops takes turns by itself. */
    @ParameterizedTest
    @ValueSource(strings = {"--http1.1", "--http2-prior-knowledge"})
    void aCookieKeepsASessionWhereItBegan(String version) throws Exception {
        route("{}");
        Set<Integer> places = new HashSet<>();
        for (int client = 0; client < 2 * ORIGINS; client++) {
            String first = session("jar" + client, version);
            assertThat(first).containsPattern("(?i)set-cookie: ugate-shop=[0-9a-f]{16}; Path=/; HttpOnly\r\n");
            places.add(origin(first));
            for (int i = 0; i < REQUESTS; i++) {
                String next = session("jar" + client, version);
                assertThat(origin(next)).isEqualTo(origin(first));
                assertThat(next).doesNotContainIgnoringCase("set-cookie");
            }
        }
        assertThat(places).as("new sessions take turns").hasSize(ORIGINS);
    }

    @Test
    void aSessionMovesWhereItsEndpointIsGone() throws Exception {
        route("{sessionName: S, type: Cookie}");
        int first = origin(session("jar"));
        origins.get(first).stop(0);
        String moved = session("jar");
        assertThat(origin(moved)).isNotEqualTo(first);
        assertThat(moved).containsPattern("(?i)set-cookie: S=[0-9a-f]{16};");
        for (int i = 0; i < REQUESTS; i++) {
            assertThat(origin(session("jar"))).isEqualTo(origin(moved));
        }
    }

    @Test
    void aSessionLeavesADestinationThatGetsNothing() throws Exception {
        route("{}");
        int first = origin(session("jar"));
        route("{}", IntStream.range(0, ORIGINS).map(i -> i == first ? 0 : 1).toArray());
        int moved = origin(session("jar"));
        assertThat(moved).isNotEqualTo(first);
        assertThat(origin(session("jar"))).isEqualTo(moved);
    }

    @Test
    void anotherTryIsForAnotherEndpoint() throws Exception {
        route("{}");
        busy = origin(session("jar"));
        String moved = session("jar");
        assertThat(moved).startsWith("HTTP/1.1 200").containsPattern("(?i)set-cookie: ugate-shop=");
        assertThat(origin(moved)).isNotEqualTo(busy);
        assertThat(origin(session("jar"))).isEqualTo(origin(moved));
    }

    @Test
    void aFieldDoesWhatACookieDoes() throws Exception {
        route("{type: Header, sessionName: X-Session}");
        String first = curl();
        String line = first.lines()
                .filter(text -> text.startsWith("x-session: "))
                .findFirst()
                .orElseThrow();
        for (int i = 0; i < REQUESTS; i++) {
            String next = curl("-H", line);
            assertThat(origin(next)).isEqualTo(origin(first));
            assertThat(next).doesNotContain("x-session: ");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0123456789abcdef", "0123456789ABCDEF", "0123456789abcdef.zz", "0123", "%s%s\"'"})
    void whatNobodyWasToldBeginsASession(String value) throws Exception {
        route("{sessionName: S}");
        assertThat(curl("-H", "cookie: a=b; S=" + value + "; c=d")).containsPattern("(?i)set-cookie: S=[0-9a-f]{16};");
    }

    @Test
    void aSessionHasAnEndWhereTheRouteSaysSo() throws Exception {
        route("{absoluteTimeout: 2h, cookieConfig: {lifetimeType: Permanent}}");
        String first = session("jar");
        assertThat(first).containsPattern("(?i)set-cookie: ugate-shop=[0-9a-f]{16}\\.[0-9a-z]{6}; .*Max-Age=7200\r\n");
        assertThat(Files.readString(folder.resolve("jar"))).contains("ugate-shop");
        assertThat(session("jar")).doesNotContainIgnoringCase("set-cookie");
        String longAgo = first.replaceFirst("(?s).*(ugate-shop=[0-9a-f]{16}).*", "$1") + ".s0";
        assertThat(curl("-H", "cookie: " + longAgo)).containsPattern("(?i)set-cookie: ugate-shop=");
    }
}
