package dev.ugate.discovery.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.model.HostPort;
import dev.ugate.testing.Peers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The resolver against Debian's authoritative Knot DNS and against dnsmasq. */
@Tag("interop")
class RealServersIT {
    private static final String ZONE = """
            $ORIGIN ugate.test.
            $TTL 60
            @     IN SOA ns root 1 3600 600 86400 30
            @     IN NS ns
            ns    IN A 127.0.0.1
            db    IN A 10.0.0.1
            db    IN AAAA fd00::1
            www   IN CNAME edge
            edge  IN CNAME db
            out   IN CNAME db.elsewhere.test.
            mail  IN MX 10 db
            """;

    @TempDir
    Path folder;

    private final List<Process> processes = new ArrayList<>();
    private Rig rig;
    private int port;

    @BeforeEach
    void open() throws Exception {
        rig = new Rig();
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        rig.dns = rig.with(Rig.options(new InetSocketAddress(InetAddress.getLoopbackAddress(), port)));
    }

    @AfterEach
    void close() throws Exception {
        for (Process process : processes) {
            stop(process);
        }
        rig.close();
    }

    @Test
    void agreesWithKnot() throws Exception {
        Peers.require("knotd");
        StringBuilder many = new StringBuilder(ZONE);
        for (int i = 0; i < 64; i++) {
            many.append("many IN AAAA fd00::")
                    .append(Integer.toHexString(i + 16))
                    .append('\n');
        }
        Process knot = knot(many.toString());

        assertThat(rig.addresses("db.ugate.test")).containsExactly("fd00::1", "10.0.0.1");
        assertThat(rig.resolve("www.ugate.test").orElseThrow().ttl()).isEqualTo(Duration.ofSeconds(60));
        assertThat(rig.addresses("www.ugate.test")).containsExactly("fd00::1", "10.0.0.1");
        assertThat(rig.addresses("many.ugate.test")).as("over TCP").hasSize(64);
        assertThat(rig.resolve("gone.ugate.test")).isEmpty();
        assertThatThrownBy(() -> rig.resolve("mail.ugate.test")).hasMessageContaining("no A or AAAA record");
        assertThatThrownBy(() -> rig.resolve("db.elsewhere.test")).hasMessageContaining(": REFUSED");

        stop(knot);
        rig.clock.advance(Duration.ofSeconds(61));
        assertThat(rig.addresses("db.ugate.test")).as("stale").containsExactly("fd00::1", "10.0.0.1");
        assertThatThrownBy(() -> rig.resolve("new.ugate.test")).hasMessageContaining("127.0.0.1:" + port + ": refused");

        knot(ZONE.replace("10.0.0.1", "10.0.0.2"));
        rig.clock.advance(Duration.ofSeconds(5));
        assertThat(rig.addresses("db.ugate.test")).as("recovered").containsExactly("fd00::1", "10.0.0.2");
    }

    @Test
    void agreesWithDnsmasq() throws Exception {
        Peers.require("dnsmasq");
        start(
                Peers.program("dnsmasq").toString(),
                "--keep-in-foreground",
                "--conf-file=/dev/null",
                "--pid-file",
                "--user=" + System.getProperty("user.name"),
                "--port=" + port,
                "--listen-address=127.0.0.1",
                "--bind-interfaces",
                "--no-resolv",
                "--no-hosts",
                "--local=/ugate.test/",
                "--host-record=db.ugate.test,10.0.0.1,fd00::1,40",
                "--cname=www.ugate.test,db.ugate.test");
        assertThat(rig.addresses("db.ugate.test")).containsExactly("fd00::1", "10.0.0.1");
        assertThat(rig.resolve("db.ugate.test").orElseThrow().ttl()).isEqualTo(Duration.ofSeconds(40));
        assertThat(rig.addresses("www.ugate.test")).containsExactly("fd00::1", "10.0.0.1");
        assertThat(rig.resolve("gone.ugate.test")).isEmpty();
        assertThatThrownBy(() -> rig.resolve("db.elsewhere.test")).hasMessageContaining(": REFUSED");
    }

    private Process knot(String zone) throws Exception {
        Files.writeString(folder.resolve("ugate.test.zone"), zone);
        Path conf = Files.writeString(folder.resolve("knot.conf"), """
                server:
                    listen: 127.0.0.1@%d
                    rundir: %s
                database:
                    storage: %s
                log:
                  - target: stderr
                    any: warning
                template:
                  - id: default
                    storage: %s
                    journal-content: none
                zone:
                  - domain: ugate.test
                    file: ugate.test.zone
                """.formatted(port, folder, folder, folder));
        return start(Peers.program("knotd").toString(), "-c", conf.toString());
    }

    /** Returns when the server answers, so that no test races its start. */
    private Process start(String... command) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("server.log").toFile())
                .start();
        processes.add(process);
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> {
            assertThat(process.isAlive()).as(() -> log()).isTrue();
            Dns probe = rig.with(Rig.options(new InetSocketAddress(InetAddress.getLoopbackAddress(), port)));
            return probe.resolve(new HostPort("db.ugate.test", 1))
                    .handle((found, cause) -> cause == null && found.isPresent())
                    .toCompletableFuture()
                    .get(5, TimeUnit.SECONDS);
        });
        return process;
    }

    private String log() {
        try {
            return Files.readString(folder.resolve("server.log"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static void stop(Process process) throws InterruptedException {
        process.destroy();
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }
}
