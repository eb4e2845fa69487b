package dev.ugate.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.config.Config;
import dev.ugate.config.ConfigFile;
import dev.ugate.testing.Authority;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files in conf/ for the three roles carry real traffic once their addresses are those of this test. */
final class RolesTest {
    private static final Path CONF = Path.of(System.getProperty("ugate.root", ".."), "conf");

    @TempDir
    Path folder;

    private App app;

    @AfterEach
    void stop() {
        if (app != null) {
            app.close();
        }
    }

    /** Starts a file of conf/ with pairs of texts replaced, each of which must be in it. */
    private List<InetSocketAddress> start(String name, String... pairs) throws IOException {
        String text = Files.readString(CONF.resolve(name));
        for (int i = 0; i < pairs.length; i += 2) {
            assertThat(text).contains(pairs[i]);
            text = text.replace(pairs[i], pairs[i + 1]);
        }
        String own = "admin: {address: \"127.0.0.1:0\"}\n";
        text = text.contains("admin:") ? text.replaceFirst("admin: .*\n", own) : text + own;
        text = text.contains("log:") ? text.replaceFirst("log: .*\n", "") : text;
        Path file = Files.writeString(
                folder.resolve(name), patient(text) + "log: {file: " + folder.resolve("log.jsonl") + "}\n");
        Config config = ConfigFile.read(file);
        app = App.start(config, () -> config, folder.resolve("state"));
        return app.addresses().stream()
                .filter(InetSocketAddress.class::isInstance)
                .map(InetSocketAddress.class::cast)
                .toList();
    }

    /** Java's first TLS handshake may be silent for longer than the usual grace. */
    private static String patient(String text) {
        return text.replace("timeouts: {", "timeouts: {sniffGrace: 2s, ");
    }

    private static String http(Socket socket, String head) throws IOException {
        socket.getOutputStream().write((head + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }

    /** Answers every request, whatever it is, with its own name. */
    private static Upstream web(String name) {
        return Upstream.of(socket -> {
            head(socket);
            String answer =
                    "HTTP/1.1 200 OK\r\nContent-Length: " + name.length() + "\r\nConnection: close\r\n\r\n" + name;
            socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
        });
    }

    private static String head(Socket socket) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
            head.write(Upstream.exactly(socket.getInputStream(), 1));
        }
        return head.toString(StandardCharsets.ISO_8859_1);
    }

    /** What the mesh sends it and what is captured is for {@code RolesIT}. */
    @Test
    void sidecarCarriesTheApplicationOut() throws IOException {
        try (Upstream orders = Upstream.echo();
                Upstream database = Upstream.echo()) {
            Path socket = folder.resolve("sidecar.sock");
            InetSocketAddress out = start(
                            "sidecar.yaml",
                            "127.0.0.1:1080",
                            "127.0.0.1:0",
                            "/tmp/ugate-sidecar.sock",
                            socket.toString(),
                            "0.0.0.0:15008",
                            "127.0.0.2:0",
                            "\"[::]:15001\"",
                            "127.0.0.3:0",
                            "\"[::]:15006\"",
                            "127.0.0.4:0",
                            "10.0.0.7:8443",
                            orders.at(),
                            "10.0.0.8:8443",
                            orders.at(),
                            "10.0.0.9:5432",
                            database.at(),
                            "10.0.0.10:5432",
                            database.at())
                    .get(3);

            try (Socket client = Client.socks5(out, "orders.internal", 443)) {
                assertThat(Client.echoes(client, "order")).isTrue();
            }
            try (Socket client = Client.socks5(out, "db.internal", 5432)) {
                assertThat(Client.echoes(client, "query")).isTrue();
            }
            try (SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                client.connect(UnixDomainSocketAddress.of(socket));
                client.write(ByteBuffer.wrap(
                        "CONNECT db.internal:5432 HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
                assertThat(new String(Channels.newInputStream(client).readNBytes(12), StandardCharsets.US_ASCII))
                        .isEqualTo("HTTP/1.1 200");
            }
            assertThatThrownBy(() -> Client.socks5(out, "billing.m", 8080))
                    .as("a name of the mesh whose node is not there")
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void egressCarriesKnownUsersToWhatPolicyNames() throws IOException {
        // openssl passwd -6 -salt abcdefgh 'correct horse'
        Files.writeString(
                folder.resolve("egress-users.htpasswd"),
                "demo:$6$abcdefgh$yIZAF3gQPvtKZO/9qOJKffAKKbtS3ef3qmwyugk4uWVjX8YZf/GV3A8SkFxEPY0T56CcilGrHKLffBsp6dLMG.\n");
        try (Upstream web = web("outside");
                Upstream secret = Upstream.echo();
                Upstream partner = Upstream.of(socket -> {
                    assertThat(head(socket)).startsWith("CONNECT www.partner.example:443 ");
                    socket.getOutputStream()
                            .write("HTTP/1.1 200 OK\r\n\r\nvia partner".getBytes(StandardCharsets.US_ASCII));
                })) {
            InetSocketAddress gate = start(
                            "egress.yaml",
                            "0.0.0.0:3128",
                            "127.0.0.1:0",
                            "0.0.0.0:15008",
                            "127.0.0.2:0",
                            "192.0.2.80:3128",
                            partner.at(),
                            "port: [80, 443]",
                            "port: [80, 443, " + web.port() + ", " + partner.port() + "]")
                    .get(0);
            String auth = "\r\nProxy-Authorization: Basic "
                    + Base64.getEncoder().encodeToString("demo:correct horse".getBytes(StandardCharsets.US_ASCII));
            String get = "GET http://" + web.at() + "/ HTTP/1.1\r\nHost: x\r\nConnection: close";
            try (Socket client = Client.connect(gate)) {
                assertThat(http(client, get + auth)).startsWith("HTTP/1.1 200").endsWith("outside");
            }
            try (Socket client = Client.connect(gate)) {
                assertThat(http(client, get))
                        .startsWith("HTTP/1.1 407")
                        .containsIgnoringCase("proxy-authenticate: basic");
            }
            try (Socket client = Client.connect(gate)) {
                assertThat(http(client, get + auth.replace("ZGVt", "ZGVu"))).startsWith("HTTP/1.1 407");
            }
            try (Socket client = Client.connect(gate)) {
                assertThat(http(client, "CONNECT " + secret.at() + " HTTP/1.1\r\nHost: x" + auth))
                        .startsWith("HTTP/1.1 403");
            }
            try (Socket client = Client.connect(gate)) {
                assertThat(http(client, "CONNECT www.partner.example:443 HTTP/1.1\r\nHost: x" + auth))
                        .endsWith("via partner");
            }
            try (Socket client = Client.connect(gate)) {
                client.getOutputStream().write(new byte[] {5, 1, 2});
                assertThat(Upstream.exactly(client.getInputStream(), 2)).containsExactly(5, 2);
                client.getOutputStream().write("\1\4demo\15correct horse".getBytes(StandardCharsets.US_ASCII));
                assertThat(Upstream.exactly(client.getInputStream(), 2)).containsExactly(1, 0);
            }
            assertThatThrownBy(() -> Client.socks5(gate, "127.0.0.1", web.port()))
                    .isInstanceOf(IOException.class);
            assertThat(web.accepted()).isEqualTo(1);
            assertThat(secret.accepted()).isZero();
        }
    }

    @Test
    void gatewayEndsTlsOrPassesItAndFallsBack() throws Exception {
        Authority authority = Authority.create();
        Authority.write(folder, "web", authority.issue("www.shop.example", "cart.shop.example"));
        BlockingQueue<byte[]> vaultHeard = new LinkedBlockingQueue<>();
        try (Upstream shop = web("shop");
                Upstream fallback = Upstream.echo();
                Upstream vault = Upstream.of(socket -> vaultHeard.add(Upstream.exactly(socket.getInputStream(), 40)))) {
            InetSocketAddress gate = start(
                            "gateway.yaml",
                            "0.0.0.0:8443",
                            "127.0.0.1:0",
                            "0.0.0.0:15008",
                            "127.0.0.2:0",
                            "10.0.0.20:5432",
                            fallback.at(),
                            "10.0.0.5:8200",
                            vault.at(),
                            "10.0.0.7:8080",
                            shop.at(),
                            "10.0.0.8:8080",
                            shop.at())
                    .get(0);

            assertThat(https(authority, gate, "www.shop.example"))
                    .startsWith("HTTP/1.1 200")
                    .endsWith("ok\n");
            assertThat(https(authority, gate, "cart.shop.example"))
                    .startsWith("HTTP/1.1 200")
                    .endsWith("shop");
            try (Socket clear = Client.connect(gate)) {
                assertThat(http(clear, "GET / HTTP/1.1\r\nHost: cart.shop.example\r\nConnection: close"))
                        .endsWith("shop");
            }
            try (Socket other = Client.connect(gate)) {
                assertThat(http(other, "GET / HTTP/1.1\r\nHost: elsewhere.example\r\nConnection: close"))
                        .startsWith("HTTP/1.1 404");
            }
            try (Socket unknown = Client.connect(gate)) {
                assertThat(Client.say(unknown, "unknown bytes")).isEqualTo("unknown bytes");
            }
            assertThatThrownBy(() -> https(authority, gate, "vault.shop.example"))
                    .isInstanceOf(IOException.class);
            String heard = HexFormat.of().formatHex(vaultHeard.poll(10, TimeUnit.SECONDS));
            // PROXY v2 for TCP over IPv4 with 12 bytes of addresses, then the client's own hello.
            assertThat(heard)
                    .startsWith("0d0a0d0a000d0a515549540a2111000c7f000001")
                    .contains("1603");
        }
    }

    private static String https(Authority authority, InetSocketAddress gate, String name) throws IOException {
        try (Socket plain = Client.connect(gate);
                SSLSocket socket = (SSLSocket)
                        authority.jdk(null).getSocketFactory().createSocket(plain, name, gate.getPort(), true)) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setServerNames(List.of(new SNIHostName(name)));
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            socket.setSSLParameters(parameters);
            return http(socket, "GET / HTTP/1.1\r\nHost: " + name + "\r\nConnection: close");
        }
    }
}
