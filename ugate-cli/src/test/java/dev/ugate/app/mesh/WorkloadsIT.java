package dev.ugate.app.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ugate.app.Client;
import dev.ugate.app.Running;
import dev.ugate.app.Upstream;
import dev.ugate.testing.Authority;
import dev.ugate.testing.FreePort;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A gateway that speaks for others beside itself: which of them is told by where a client comes in, or where it comes from. */
@Timeout(120)
final class WorkloadsIT {
    private static final String GATE = "spiffe://mesh.test/ns/a/sa/gate";
    private static final String SHOP = "spiffe://mesh.test/ns/b/sa/shop";
    private static final String DESK = "spiffe://mesh.test/ns/b/sa/desk";
    private static final String DB = "spiffe://mesh.test/ns/a/sa/db";
    private static final String NAME = "db.example";
    private static final Authority AUTHORITY = Authority.create();

    @TempDir
    Path folder;

    private Upstream target;
    private Running db;

    @BeforeEach
    void start() throws IOException {
        target = Upstream.echo();
        AUTHORITY.writeRoot(folder);
        for (String id : new String[] {GATE, SHOP, DESK, DB}) {
            Authority.write(folder, id.substring(id.lastIndexOf('/') + 1), AUTHORITY.issue(id));
        }
        db = running(
                "db",
                "listeners: [{address: \"127.0.0.1:0\", forward: open}]\n"
                        + services("127.0.0.1:" + target.port(), ""));
    }

    @AfterEach
    void stop() throws IOException {
        db.close();
        target.close();
    }

    private String files(String name) {
        return "cert: " + folder.resolve(name + ".pem") + ", key: " + folder.resolve(name + ".key");
    }

    private Running running(String name, String sections, String... more) throws IOException {
        return Running.of(
                Files.createTempDirectory(folder, name), sections, Authority.member(folder, name, more), Running.LOCAL);
    }

    private static String services(String endpoint, String more) {
        return "discovery: {config: {services: [{name: " + NAME + ", endpoints: [\"" + endpoint + "\"]" + more
                + "}]}}\n";
    }

    private Running gate(String carrier) throws IOException {
        return gate(carrier, db, "");
    }

    private Running gate(String carrier, Running to, String sections) throws IOException {
        String counter = "127.0.0.1:" + FreePort.next();
        return running(
                "gate",
                "listeners: [{address: \"127.0.0.1:0\", forward: open},"
                        + " {address: \"" + counter + "\", forward: open}]\n"
                        + sections
                        + services(
                                "127.0.0.1:" + to.address().getPort(),
                                ", via: [" + carrier + "], identity: \"" + DB + "\""),
                "workloads: [{name: shop, " + files("shop") + ", listeners: [\"" + counter + "\"]}, {name: desk, "
                        + files("desk") + ", from: [127.0.0.2/32]}]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"hbone", "connect", "ssh"})
    void aStreamGoesOutUnderTheNameOfItsWorkload(String carrier) throws Exception {
        try (Running gate = gate(carrier)) {
            seen(1, GATE, from("127.0.0.1", address(gate, 0)));
            seen(2, SHOP, from("127.0.0.1", address(gate, 1)));
            seen(3, DESK, from("127.0.0.2", address(gate, 0)));
            // Again, with three connections to choose from.
            seen(4, GATE, from("127.0.0.1", address(gate, 0)));
            seen(5, SHOP, from("127.0.0.1", address(gate, 1)));
        }
    }

    /** Each on a connection that is kept for the next request of its workload, and for no other. */
    @ParameterizedTest
    @ValueSource(strings = {"http/1.1", "h2"})
    void aRequestGoesOutUnderTheNameOfItsWorkload(String version) throws Exception {
        try (Upstream pages = Upstream.of(WorkloadsIT::answer);
                Running site = running("db", Running.OPEN + services(pages.at(), ""));
                Running gate = gate(
                        "mtls",
                        site,
                        "routes: [{name: site, match: {host: " + NAME + "}, to: \"" + NAME
                                + ":5432\", upstream: {http: " + version + "}}]\nloops: {count: 1}\n")) {
            List<String> names = new ArrayList<>();
            for (int round = 0; round < 2; round++) {
                get("127.0.0.1", address(gate, 0));
                get("127.0.0.1", address(gate, 1));
                get("127.0.0.2", address(gate, 0));
                names.addAll(List.of(GATE, SHOP, DESK));
            }
            await().untilAsserted(() -> assertThat(site.accessLines()).hasSize(names.size()));
            assertThat(site.accessLines())
                    .map(line -> line.replaceFirst(".*\"identity\":\"([^\"]*)\".*", "$1"))
                    .containsExactlyElementsOf(names);
        }
    }

    /** Asks in the form of a client that knows of the proxy. */
    private static void get(String source, InetSocketAddress proxy) throws IOException {
        try (Socket socket = new Socket()) {
            socket.setSoTimeout(20_000);
            socket.bind(new InetSocketAddress(source, 0));
            socket.connect(proxy);
            String request =
                    "GET http://" + NAME + ":5432/ HTTP/1.1\r\nHost: " + NAME + ":5432\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            assertThat(socket.getInputStream().readAllBytes()).asString().startsWith("HTTP/1.1 200 ");
        }
    }

    /** A server of pages that are empty. */
    private static void answer(Socket socket) throws IOException {
        BufferedReader in =
                new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (line.isEmpty()) {
                socket.getOutputStream()
                        .write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            }
        }
    }

    @Test
    void whoComesInIsShownTheWorkloadOfTheListener() throws Exception {
        try (Running gate = gate("hbone");
                Running front = running(
                        "desk",
                        Running.OPEN
                                + services(
                                        "127.0.0.1:" + address(gate, 1).getPort(),
                                        ", via: [hbone], identity: \"" + SHOP + "\""))) {
            try (Socket client = Client.socks5(front.address(), NAME, 5432)) {
                echoes(client);
            }
        }
    }

    private static InetSocketAddress address(Running gate, int listener) {
        return (InetSocketAddress) gate.app().addresses().get(listener);
    }

    private static Socket from(String source, InetSocketAddress proxy) throws IOException {
        Socket socket = new Socket(new Proxy(Proxy.Type.SOCKS, proxy));
        socket.setSoTimeout(20_000);
        socket.bind(new InetSocketAddress(source, 0));
        socket.connect(InetSocketAddress.createUnresolved(NAME, 5432));
        return socket;
    }

    /** The stream is the member's {@code count}th, and says this name to it. */
    private void seen(int count, String identity, Socket client) throws IOException {
        try (client) {
            echoes(client);
        }
        await().untilAsserted(() -> assertThat(db.accessLines()).hasSize(count));
        assertThat(db.accessLines().get(count - 1)).contains("\"identity\":\"" + identity + "\"");
    }

    private static void echoes(Socket socket) throws IOException {
        socket.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
        assertThat(socket.getInputStream().readNBytes(5)).asString().isEqualTo("hello");
    }
}
