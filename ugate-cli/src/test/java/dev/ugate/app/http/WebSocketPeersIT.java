package dev.ugate.app.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.app.Programs;
import dev.ugate.app.Running;
import dev.ugate.testing.Authority;
import dev.ugate.testing.FreePort;
import dev.ugate.testing.Peers;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** E9: the WebSocket of Python and of node, as clients and as servers, through the gate in both versions of HTTP. */
@Tag("interop")
@Timeout(120)
final class WebSocketPeersIT {
    /** Debian's Python, since its packages are not those of another. */
    private static final String PYTHON = "/usr/bin/python3";

    private static final List<String> MODULES =
            List.of("/usr/lib/python3/dist-packages/websockets", "/usr/share/nodejs/ws");

    /** Servers over HTTP/1.1: directly, and behind a second gate that is reached over HTTP/2. */
    private static final List<String> OVER_HTTP1 =
            List.of("python.one.example", "node.one.example", "python.two.example", "node.two.example");

    /** A server over HTTP/2; the frames of ws on its streams know no extensions. */
    private static final String OVER_HTTP2 = "node-http2.one.example";

    @TempDir
    static Path folder;

    private static Programs programs;
    private static Running back;
    private static Running front;

    /** A client: its program, and how it speaks to the gate. */
    enum Client {
        PYTHON_HTTP1(PYTHON, "talk.py", "ws"),
        PYTHON_HTTP1_TLS(PYTHON, "talk.py", "wss"),
        NODE_HTTP1("node", "talk.js", "ws"),
        NODE_HTTP1_TLS("node", "talk.js", "wss"),
        NODE_HTTP2("node", "talk.js", "http"),
        NODE_HTTP2_TLS("node", "talk.js", "https");

        final String program;
        final String script;
        final String scheme;

        Client(String program, String script, String scheme) {
            this.program = program;
            this.script = script;
            this.scheme = scheme;
        }

        boolean packs() {
            return scheme.startsWith("ws");
        }
    }

    @BeforeAll
    static void start() throws IOException {
        Peers.require(PYTHON, "node", "curl");
        Peers.require(MODULES.toArray(String[]::new));
        programs = new Programs(folder);
        Authority authority = Authority.create();
        authority.writeRoot(folder);
        List<String> hosts = new ArrayList<>(OVER_HTTP1);
        hosts.add(OVER_HTTP2);
        Authority.write(folder, "gate", authority.issue(hosts.toArray(String[]::new)));
        int python = serve(PYTHON, "echo.py");
        int node = serve("node", "echo.js", "http1");
        int http2 = serve("node", "echo.js", "http2");
        back = Running.of(Files.createDirectory(folder.resolve("back")), """
                listeners: [{address: "127.0.0.1:0", forward: none}]
                routes:
                  - {name: python, match: {host: python.two.example}, to: "127.0.0.1:%d"}
                  - {name: node, match: {host: node.two.example}, to: "127.0.0.1:%d"}
                """.formatted(python, node), Running.LOCAL);
        front = Running.of(
                folder, """
                listeners: [{address: "127.0.0.1:0", forward: none}]
                routes:
                  - {name: python, match: {host: python.one.example}, to: "127.0.0.1:%d"}
                  - {name: node, match: {host: node.one.example}, to: "127.0.0.1:%d"}
                  - {name: two, match: {host: "*.two.example"}, to: "127.0.0.1:%d", upstream: {http: h2}}
                  - {name: http2, match: {host: %s}, to: "127.0.0.1:%d", upstream: {http: h2}}
                tls: {certificates: [{cert: gate.pem, key: gate.key}]}
                """.formatted(python, node, back.address().getPort(), OVER_HTTP2, http2), Running.LOCAL);
    }

    private static int serve(String program, String script, String... options) throws IOException {
        int port = FreePort.next();
        List<String> command = new ArrayList<>(List.of(program, script(script), "" + port));
        command.addAll(Arrays.asList(options));
        programs.serve(script + String.join("", options), port, command.toArray(String[]::new));
        return port;
    }

    private static String script(String name) throws IOException {
        Path file = folder.resolve(name);
        if (!Files.exists(file)) {
            try (InputStream in = WebSocketPeersIT.class.getResourceAsStream("/websocket/" + name)) {
                Files.copy(in, file);
            }
        }
        return file.toString();
    }

    @AfterAll
    static void stop() {
        if (programs != null) {
            programs.close();
        }
        Stream.of(front, back).filter(gate -> gate != null).forEach(Running::close);
    }

    private static Path talk(Client client, List<String> hosts) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                client.program, script(client.script), "" + front.address().getPort(), client.scheme));
        command.addAll(hosts);
        return programs.run(client + hosts.get(0), command.toArray(String[]::new));
    }

    @ParameterizedTest
    @EnumSource(Client.class)
    void talksToServersOfHttp1(Client client) throws Exception {
        // What the client offers and the server takes passes, permessage-deflate too.
        assertThat(talk(client, OVER_HTTP1))
                .content()
                .isEqualTo(OVER_HTTP1.stream()
                        .map(host -> host + (client.packs() ? " packed\n" : " plain\n"))
                        .collect(Collectors.joining()));
    }

    @ParameterizedTest
    @EnumSource(Client.class)
    void talksToAServerOfHttp2(Client client) throws Exception {
        assertThat(talk(client, List.of(OVER_HTTP2))).content().isEqualTo(OVER_HTTP2 + " plain\n");
    }

    @Test
    void curlIsSwitched() throws Exception {
        for (String host : OVER_HTTP1) {
            // A masked Close 1000 is what curl says; the server answers and ends.
            Path close =
                    Files.write(folder.resolve("close"), new byte[] {(byte) 0x88, (byte) 0x82, 0, 0, 0, 0, 3, -24});
            Path out = programs.run(
                    "curl-" + host,
                    close,
                    "curl",
                    "-sSi",
                    "-m",
                    "60",
                    "-T",
                    "-",
                    "-X",
                    "GET",
                    "--http1.1",
                    "-H",
                    "Transfer-Encoding:",
                    "-H",
                    "Expect:",
                    "-H",
                    "Connection: Upgrade",
                    "-H",
                    "Upgrade: websocket",
                    "-H",
                    "Sec-WebSocket-Version: 13",
                    "-H",
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                    "--connect-to",
                    host + "::127.0.0.1:" + front.address().getPort(),
                    "http://" + host + "/chat");
            assertThat(new String(Files.readAllBytes(out), java.nio.charset.StandardCharsets.ISO_8859_1))
                    .startsWith("HTTP/1.1 101 Switching Protocols\r\n")
                    .containsIgnoringCase("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n")
                    .endsWith("\u0088\u0002\u0003\u00e8");
        }
    }
}
