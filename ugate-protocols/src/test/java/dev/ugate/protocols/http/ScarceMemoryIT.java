package dev.ugate.protocols.http;

import dev.ugate.model.Carrier;
import dev.ugate.model.Endpoint;
import dev.ugate.model.http.HttpVersion;
import dev.ugate.net.Loops;
import dev.ugate.net.tls.Certificates;
import dev.ugate.net.tls.PemCertificates;
import dev.ugate.protocols.Program;
import dev.ugate.protocols.Protocols;
import dev.ugate.protocols.Scarcity;
import dev.ugate.testing.Authority;
import dev.ugate.testing.FreePort;
import dev.ugate.testing.Peers;
import dev.ugate.testing.Tally;
import io.netty.handler.ssl.ClientAuth;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    private static final Carrier TLS = Carrier.of("tls");
    private static final int BODY = 300_000;

    private static final List<String> DOWNLOAD = List.of("/body");
    private static final List<List<String>> REQUESTS =
            List.of(List.of("/small"), DOWNLOAD, List.of("/small", "--data-binary", "@body"));

    /** How curl asks; {@code @here} is the proxy, {@code @origin} who answers. */
    private record Client(String base, List<String> words) {
        static Client gateway(String base, String... words) {
            return new Client(base, List.of(words));
        }

        static Client tunnel(String... words) {
            return new Client("http://@origin", List.of(words));
        }

        boolean tunnels() {
            return base.contains("@origin");
        }

        /** TLS on one side at a time. */
        Stream<Origin> origins() {
            boolean tls = words.contains("-k") || words.contains("--proxy-insecure");
            return Stream.of(Origin.values()).filter(origin -> !tls || origin != Origin.HTTPS);
        }

        List<List<String>> requests() {
            return tunnels() ? List.of(DOWNLOAD) : REQUESTS;
        }
    }

    /** Who answers. */
    private enum Origin {
        HTTP1,
        HTTP2,
        HTTPS;

        private int port;

        Endpoint seen(Endpoint plain) {
            return switch (this) {
                case HTTP1 -> plain.withHttp(HttpVersion.HTTP_1_1);
                case HTTP2 -> plain.withHttp(HttpVersion.H2);
                case HTTPS ->
                    plain.withVia(List.of(TLS.with(Map.of(
                            "ca", folder.resolve("ca.pem").toString(), "serverName", "web.test", "alpn", "h2"))));
            };
        }
    }

    private static final List<Client> CLIENTS = List.of(
            Client.gateway("http://@here", "--http1.1"),
            Client.gateway("http://@here", "--http2-prior-knowledge"),
            Client.gateway("https://@here", "-k", "--http1.1"),
            Client.gateway("https://@here", "-k", "--http2"),
            Client.tunnel("-p", "-x", "http://@here"),
            Client.tunnel("-p", "--proxy-insecure", "-x", "https://@here"),
            Client.tunnel("--socks5-hostname", "@here"),
            Client.tunnel("--socks4a", "@here"));

    @TempDir
    private static Path folder;

    private static final Tally BUFFERS = new Tally();
    private static final List<Loops.Backend> BACKENDS = List.of(Loops.Backend.EPOLL, Loops.Backend.IO_URING);
    private static final Map<Loops.Backend, Proxy> PROXIES = new EnumMap<>(Loops.Backend.class);
    private static final List<Program> SERVERS = new ArrayList<>();
    private static Path body;

    @BeforeAll
    static void start() throws IOException {
        Peers.require("curl", "nghttpd");
        byte[] bytes = new byte[BODY];
        new SplittableRandom(7).nextBytes(bytes);
        body = Files.write(folder.resolve("body"), bytes);
        Files.writeString(folder.resolve("small"), "small");
        Authority authority = Authority.create();
        authority.writeRoot(folder);
        Path chain = Authority.write(folder, "web", authority.issue("web.test"));
        Path key = folder.resolve("web.key");
        Certificates certificates = PemCertificates.load(
                List.of(new PemCertificates.Files(chain, key, ClientAuth.NONE, Optional.empty())),
                Protocols.applicationProtocols());
        for (Loops.Backend backend : BACKENDS) {
            PROXIES.put(backend, Proxy.lending(BUFFERS, backend, certificates));
        }
        String origin = PROXIES.get(Loops.Backend.EPOLL).origin(exchange -> {
            exchange.getRequestBody().readAllBytes();
            byte[] answer = exchange.getRequestURI().getPath().equals("/body") ? bytes : "small".getBytes();
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(answer);
            }
        });
        Origin.HTTP1.port = Integer.parseInt(origin.substring(origin.indexOf(':') + 1));
        Origin.HTTP2.port = nghttpd("--no-tls");
        Origin.HTTPS.port = nghttpd(key.toString(), chain.toString());
    }

    private static int nghttpd(String... tls) throws IOException {
        int port = FreePort.next();
        List<String> words =
                new ArrayList<>(List.of("nghttpd", "-a", "127.0.0.1", "-d", folder.toString(), String.valueOf(port)));
        words.addAll(List.of(tls));
        SERVERS.add(Program.start(folder, words.toArray(String[]::new)).listening(port));
        return port;
    }

    @AfterAll
    static void stop() throws IOException {
        PROXIES.values().forEach(Proxy::close);
        for (Program server : SERVERS) {
            server.close();
        }
    }

    static Stream<Arguments> requests() {
        return BACKENDS.stream()
                .flatMap(backend -> CLIENTS.stream()
                        .flatMap(client -> client.origins()
                                .flatMap(origin -> client.requests().stream()
                                        .flatMap(request -> Stream.of(1L, Long.MAX_VALUE)
                                                .map(missing ->
                                                        Arguments.of(backend, client, origin, request, missing))))));
    }

    @ParameterizedTest
    @MethodSource("requests")
    void theClientHearsOfIt(Loops.Backend backend, Client client, Origin origin, List<String> request, long missing)
            throws Exception {
        Proxy proxy = PROXIES.get(backend);
        proxy.waist.leadTo(origin.port, origin::seen);
        List<String> command = command(proxy, client, request, origin);
        new Scarcity(proxy.live, BUFFERS, missing).isHeardOfBy(() -> curl(command));
    }

    private static List<String> command(Proxy proxy, Client client, List<String> request, Origin origin) {
        List<String> command = new ArrayList<>(List.of(
                Peers.program("curl").toString(),
                "-s",
                "--max-time",
                String.valueOf(Scarcity.PATIENCE.toSeconds()),
                "-o",
                "/dev/null",
                "-w",
                "%{http_code}"));
        command.addAll(client.words());
        if (client.tunnels() && origin != Origin.HTTP1) {
            command.add("--http2-prior-knowledge");
        }
        request.forEach(word -> command.add(word.startsWith("/") ? client.base() + word : word));
        command.replaceAll(word -> word.replace("@here", "127.0.0.1:" + proxy.port())
                .replace("@origin", "127.0.0.1:" + origin.port)
                .replace("@body", "@" + body));
        return command;
    }

    /** Its exit code and the status that it saw. */
    private static String curl(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).start();
        String status = new String(process.getInputStream().readAllBytes());
        return process.waitFor() + " " + status;
    }
}
