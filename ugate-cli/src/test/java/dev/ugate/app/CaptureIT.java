package dev.ugate.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ugate.testing.Peers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections that nftables redirects reach where they were going, by ugate and once; nobody who speaks first waits. */
@Tag("interop")
final class CaptureIT {
    /** Far longer than any of these tests may take: nobody is detected by silence here. */
    private static final String PATIENT = "timeouts: {sniffGrace: 60s, sniff: 90s}\n";

    private static final String LISTENERS = """
            listeners:
              - {address: "127.0.0.1:1080"}
              - {address: "[::]:15001", role: sidecar, capture: redirect}
            routes:
              - {name: elsewhere, match: {host: routed.example, protocol: http}, to: "10.77.0.1:8081"}
            policy:
              default: deny
              deny: [{name: ads, to: ads.example}]
              allow: [{name: out, from: local}]
            """;

    private static final String RULES = """
            table inet ugate {
              chain output {
                type nat hook output priority -100
                meta mark 1337 return
                ip daddr 203.0.113.9 tcp dport { 25, 80, 81, 443 } redirect to :15001
                ip6 daddr fd77::9 tcp dport 80 redirect to :15001
              }
            }
            """;

    @TempDir
    private Path folder;

    private Namespace network;
    private Spawned gate;

    private void begin(String backend) throws IOException {
        Peers.require("curl", "bash");
        network = Namespace.of("203.0.113.9/32", "10.77.0.1/24", "fd77::9/128");
        network.start(Destinations.class, "mail:25=220 mail", "web:80=web", "tls:443=secret", "web:8081=other");
        gate = Spawned.of(
                folder,
                network.before(),
                List.of(),
                LISTENERS,
                PATIENT,
                "loops: {count: 2, backend: " + backend + ", mark: 1337}\n");
        network.filter(folder, RULES);
    }

    @AfterEach
    void end() throws IOException {
        if (gate != null) {
            gate.close();
        }
        if (network != null) {
            network.close();
        }
    }

    private String curl(String... arguments) throws IOException {
        String[] command = new String[arguments.length + 4];
        command[0] = "curl";
        command[1] = "-sS";
        command[2] = "--max-time";
        command[3] = "20";
        System.arraycopy(arguments, 0, command, 4, arguments.length);
        return network.run(command);
    }

    private List<String> log(String part) throws IOException {
        return Files.readAllLines(folder.resolve("log.jsonl")).stream()
                .filter(line -> line.contains(part))
                .toList();
    }

    /** Exactly one access line has this text; it may be written after the client has its answer. */
    private String line(String part) {
        await().untilAsserted(() -> assertThat(log(part)).hasSize(1));
        try {
            return log(part).get(0);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "io_uring"})
    void everyKindOfClientReachesItsDestination(String backend) throws IOException {
        begin(backend);

        assertThat(curl("http://203.0.113.9/")).isEqualTo("web");
        assertThat(line("\"to\":\"203.0.113.9:80\"")).contains("\"protocol\":\"http\"");

        assertThat(curl("-k", "--resolve", "good.example:443:203.0.113.9", "https://good.example/"))
                .isEqualTo("secret");
        assertThat(line("\"to\":\"203.0.113.9:443\"")).contains("\"protocol\":\"tls\"");

        // The server speaks first: without it the client would wait for its first word for a minute.
        assertThat(network.run("bash", "-c", "exec 3<>/dev/tcp/203.0.113.9/25; read -r word <&3; echo \"$word\""))
                .startsWith("220 mail");
        assertThat(line("\"to\":\"203.0.113.9:25\"")).contains("\"protocol\":\"tcp\"");

        assertThat(curl("http://[fd77::9]/")).isEqualTo("web");
        line("\"to\":\"[fd77::9]:80\"");

        assertThat(curl("-H", "Host: routed.example", "http://203.0.113.9/"))
                .as("by the route of its name")
                .isEqualTo("other");
        assertThat(curl("-H", "Host: unknown.example", "http://203.0.113.9/"))
                .as("where it was going, whatever name it says")
                .isEqualTo("web");
        assertThatThrownBy(() -> curl("-f", "-H", "Host: ads.example", "http://203.0.113.9/"))
                .hasMessageContaining("403");
        assertThatThrownBy(() -> curl("-f", "http://203.0.113.9:81/"))
                .as("nobody is there")
                .hasMessageContaining("502");
        assertThat(gate.errors()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "io_uring"})
    void whoConnectsToTheCapturingPortItselfIsALoop(String backend) throws IOException {
        begin(backend);

        assertThatThrownBy(() -> curl("-f", "http://10.77.0.1:15001/")).hasMessageContaining("508");
        assertThat(line("\"to\":\"10.77.0.1:15001\"")).contains("one of our own listeners");
        assertThat(gate.errors()).isEmpty();
    }
}
