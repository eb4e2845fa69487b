package dev.ugate.protocols.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ugate.model.http.HttpVersion;
import dev.ugate.net.Loops;
import dev.ugate.protocols.Program;
import dev.ugate.testing.FreePort;
import dev.ugate.testing.Peers;
import dev.ugate.testing.Tally;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * There is no memory for one buffer of a request, or for that and every later one, whichever it is: its client is answered or hears the
 * end, nothing of it stays, and the next is served.
 */
@Tag("interop")
@Timeout(120)
final class ScarceMemoryIT {
    /** More buffers than any of these requests needs. */
    private static final int MOST = 2000;

    /** Of the first buffers each, of later ones one of so many: a long body has the same need over and over. */
    private static final int EACH = 24;

    private static final int STEP = 53;

    private static final String STUCK = "28 ";
    private static final int BODY = 300_000;

    @TempDir
    private static Path folder;

    private static final Tally BUFFERS = new Tally();
    private static final List<Loops.Backend> BACKENDS = List.of(Loops.Backend.EPOLL, Loops.Backend.IO_URING);
    private static final Map<Loops.Backend, Proxy> PROXIES = new EnumMap<>(Loops.Backend.class);
    private static Program nghttpd;
    private static int http1;
    private static int http2;
    private static Path body;

    @BeforeAll
    static void start() throws IOException {
        Peers.require("curl", "nghttpd");
        byte[] bytes = new byte[BODY];
        new SplittableRandom(7).nextBytes(bytes);
        body = Files.write(folder.resolve("body"), bytes);
        Files.writeString(folder.resolve("small"), "small");
        for (Loops.Backend backend : BACKENDS) {
            PROXIES.put(backend, Proxy.lending(BUFFERS, backend));
        }
        String origin = PROXIES.get(Loops.Backend.EPOLL).origin(exchange -> {
            exchange.getRequestBody().readAllBytes();
            byte[] answer = exchange.getRequestURI().getPath().equals("/body") ? bytes : "small".getBytes();
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(answer);
            }
        });
        http1 = Integer.parseInt(origin.substring(origin.indexOf(':') + 1));
        http2 = FreePort.next();
        nghttpd = Program.start(
                        folder,
                        "nghttpd",
                        "--no-tls",
                        "-a",
                        "127.0.0.1",
                        "-d",
                        folder.toString(),
                        String.valueOf(http2))
                .listening(http2);
    }

    @AfterAll
    static void stop() throws IOException {
        PROXIES.values().forEach(Proxy::close);
        if (nghttpd != null) {
            nghttpd.close();
        }
    }

    static Stream<Arguments> requests() {
        List<List<String>> requests = List.of(
                List.of("/small"), List.of("/body"), List.of("/small", "--data-binary", "@body"), List.of("tunnel"));
        return BACKENDS.stream()
                .flatMap(backend -> Stream.of("--http1.1", "--http2-prior-knowledge")
                        .flatMap(client -> Stream.of(HttpVersion.HTTP_1_1, HttpVersion.H2)
                                .flatMap(upstream -> requests.stream()
                                        .filter(request -> !request.contains("tunnel") || client.equals("--http1.1"))
                                        .flatMap(request -> Stream.of(1L, Long.MAX_VALUE)
                                                .map(missing ->
                                                        Arguments.of(backend, client, upstream, request, missing))))));
    }

    @ParameterizedTest
    @MethodSource("requests")
    void theClientHearsOfIt(
            Loops.Backend backend, String client, HttpVersion upstream, List<String> request, long missing)
            throws Exception {
        Proxy proxy = PROXIES.get(backend);
        int port = upstream == HttpVersion.H2 ? http2 : http1;
        proxy.leadTo(port, upstream);
        List<String> command = command(proxy, client, request, port);
        assertThat(curl(command)).startsWith("0 200");
        for (int few = 0; few < MOST; few += few < EACH ? 1 : STEP) {
            BUFFERS.exhaust(few, missing);
            String heard = curl(command);
            boolean spent = BUFFERS.replenish() == 0;
            assertThat(heard).as("without buffer %d", few).doesNotStartWith(STUCK);
            await().atMost(Duration.ofSeconds(4))
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(5))
                    .alias("streams without buffer " + few)
                    .untilAsserted(() -> assertThat(proxy.live.rows(3)).isEmpty());
            if (spent) {
                assertThat(heard).startsWith("0 200");
                break;
            }
        }
        assertThat(curl(command)).startsWith("0 200");
        // io_uring may hold an empty one for what a kept connection says next.
        await().untilAsserted(() -> assertThat(BUFFERS.live()).allMatch(buffer -> buffer.writerIndex() == 0));
    }

    private static List<String> command(Proxy proxy, String client, List<String> request, int port) {
        List<String> command = new ArrayList<>(List.of(
                Peers.program("curl").toString(),
                "-s",
                "--max-time",
                "4",
                "-o",
                "/dev/null",
                "-w",
                "%{http_code}",
                client));
        String here = "http://127.0.0.1:" + proxy.port();
        if (request.contains("tunnel")) {
            command.addAll(List.of("-p", "-x", here, "http://127.0.0.1:" + port + "/body"));
            if (port == http2) {
                command.set(command.indexOf(client), "--http2-prior-knowledge");
            }
            return command;
        }
        request.forEach(word -> command.add(word.startsWith("/") ? here + word : word.replace("@body", "@" + body)));
        return command;
    }

    /** Its exit code and the status that it saw. */
    private static String curl(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).start();
        String status = new String(process.getInputStream().readAllBytes());
        return process.waitFor() + " " + status;
    }
}
