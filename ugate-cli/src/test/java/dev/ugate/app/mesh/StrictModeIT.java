package dev.ugate.app.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.app.Namespace;
import dev.ugate.app.Running;
import dev.ugate.app.Spawned;
import dev.ugate.testing.Authority;
import dev.ugate.testing.Peers;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * C2, C4, C8: while endpoints come and go, discovery is down and the process is killed, not one packet into the mesh holds what a client
 * said; and the same in audit mode does, so that the test could tell.
 */
@Tag("interop")
@Timeout(600)
final class StrictModeIT {
    private static final String FRONT = "spiffe://mesh.test/ns/web/sa/front";
    private static final String DB = "spiffe://mesh.test/ns/db/sa/db";
    private static final Authority AUTHORITY = Authority.create();
    private static final String LISTENER = "listeners: [{address: \"127.0.0.1:1080\", forward: open}]\n";

    /** A route and a health check that the operator wrote are no exception. */
    private static final String ROUTES = """
            routes:
              - {name: checked, match: {host: never.example}, to: "10.244.0.9:5432", health: {tcp: true, every: 100ms}}
            """;

    /** Nobody answers at the DNS server: what the file does not know cannot be known. */
    private static final String DISCOVERY = """
            discovery:
              chain: [config, dns]
              dns: {servers: ["127.0.0.53:53"], timeout: 100ms}
              config:
                services:
                  - {name: unused.example, endpoints: ["127.0.0.1:9"]}
            """;

    /** What the churn makes true one after the other: nothing known, members that say nothing, one that must prove itself. */
    private static final List<String> SERVICES = List.of(
            "",
            "      - {name: db.m, endpoints: [\"10.244.0.9:5432\"]}\n",
            "      - {name: www.example, endpoints: [\"10.244.0.9:5432\"]}\n",
            "      - {name: db.m, endpoints: [\"10.244.0.9:15008\"], identity: \"" + DB + "\"}\n");

    /** A member inside, with its application on loopback. */
    private static final String MEMBER = """
            listeners: [{address: "127.0.0.1:1081"}, {address: "10.244.0.9:15008", forward: open, protocols: [%2$s]}]
            policy: {allow: [{name: front, from: "%1$s", to: db.m, port: 5432, protocol: %2$s}]}
            discovery: {chain: [config], config: {services: [{name: db.m, endpoints: ["127.0.0.1:5433"]}]}}
            """;

    @TempDir
    private Path folder;

    private Namespace network;
    private String carrier = "hbone";
    private Spawned gate;
    private Spawned member;
    private final List<Process> probes = new ArrayList<>();

    @AfterEach
    void end() throws IOException {
        probes.forEach(Process::destroyForcibly);
        if (gate != null) {
            gate.close();
        }
        if (member != null) {
            member.close();
        }
        if (network != null) {
            network.close();
        }
    }

    private String mesh(String name, String mode) {
        return Authority.member(folder, name, "cidrs: [10.244.0.0/16]", "mode: " + mode, "carriers: [" + carrier + "]");
    }

    private String[] sections(String mode, int state) {
        return new String[] {LISTENER, ROUTES, Running.LOCAL, mesh("front", mode), DISCOVERY, SERVICES.get(state)};
    }

    private void begin(String mode) throws IOException {
        Peers.require("python3");
        AUTHORITY.writeRoot(folder);
        Authority.write(folder, "front", AUTHORITY.issue(FRONT));
        Authority.write(folder, "db", AUTHORITY.issue(DB));
        network = Namespace.of("10.244.0.9/32");
        member = spawned("of-db", MEMBER.formatted(FRONT, carrier), mesh("db", "strict"));
        gate = spawned("of-gate", sections(mode, 0));
    }

    private Spawned spawned(String name, String... sections) throws IOException {
        return Spawned.of(
                Files.createDirectories(folder.resolve(name)), network.before(), List.of("-Xmx128m"), sections);
    }

    /** Runs the probe while the churn goes on, with one restart in the middle; what it counted. */
    private Map<String, Integer> probe(String mode, int connections, int seconds) throws Exception {
        Path script = Path.of(System.getProperty("ugate.root", ".."), "ugate-cli/src/test/resources/strict/probe.py");
        List<String> command = new ArrayList<>(network.before());
        command.addAll(List.of(
                Peers.program("python3").toString(),
                script.toAbsolutePath().toString(),
                "1080",
                Integer.toString(connections),
                Integer.toString(seconds)));
        Process probe = new ProcessBuilder(command)
                .redirectError(folder.resolve("probe.err").toFile())
                .start();
        probes.add(probe);
        BufferedReader said = probe.inputReader();
        assertThat(said.readLine())
                .as("%s", Files.readString(folder.resolve("probe.err")))
                .isEqualTo("ready");
        long restart = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds) / 2;
        boolean restarted = false;
        for (int state = 1; !probe.waitFor(100, TimeUnit.MILLISECONDS); state++) {
            Running.write(folder.resolve("of-gate"), sections(mode, state % SERVICES.size()));
            if (!restarted && System.nanoTime() - restart > 0) {
                restarted = true;
                gate.close();
                gate = spawned("of-gate", sections(mode, 0));
            } else {
                assertThat(gate.ask("POST", "/reload")).contains("reloaded");
            }
        }
        assertThat(restarted).isTrue();
        Map<String, Integer> counts = new HashMap<>();
        for (String pair : said.readLine().split(" ", -1)) {
            counts.put(pair.substring(0, pair.indexOf('=')), Integer.valueOf(pair.substring(pair.indexOf('=') + 1)));
        }
        return counts;
    }

    private void nothingLeaves(String by, int connections, int seconds) throws Exception {
        carrier = by;
        begin("strict");
        Map<String, Integer> counts = probe("strict", connections, seconds);
        assertThat(counts.get("accepted") + counts.get("refused")).isEqualTo(connections);
        assertThat(counts.get("accepted")).as("carried by " + carrier).isPositive();
        assertThat(counts.get("datagrams")).isPositive();
        assertThat(counts)
                .containsEntry("leaked", 0)
                .containsEntry("leaked_udp", 0)
                .containsEntry("dialled", 0)
                .containsEntry("lost", 0);
        assertThat(Files.readAllLines(folder.resolve("of-db/log.jsonl")).stream()
                        .filter(line ->
                                line.contains("\"bytes_in\":") && line.contains("\"identity\":\"" + FRONT + "\"")))
                .hasSizeGreaterThanOrEqualTo(counts.get("accepted"));
        String metrics = gate.ask("GET", "/metrics");
        assertThat(metrics)
                .containsPattern("ugate_mesh_drops_total\\{reason=\"no_carrier\"} [1-9]")
                .containsPattern("ugate_mesh_drops_total\\{reason=\"unresolved\"} [1-9]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"hbone", "ssh"})
    void inStrictModeNothingLeavesInTheClear(String by) throws Exception {
        nothingLeaves(by, 1_000, 8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"hbone", "ssh"})
    @Tag("long")
    void inStrictModeNothingOfTenThousandLeaves(String by) throws Exception {
        nothingLeaves(by, 10_000, 60);
    }

    @Test
    void inAuditModeTheLeakIsSeenAndTold() throws Exception {
        begin("audit");
        assertThat(gate.ask("GET", "/status")).contains("\"mesh: audit: ");
        Map<String, Integer> counts = probe("audit", 300, 6);
        assertThat(counts.get("leaked")).isPositive();
        assertThat(counts.get("leaked_udp")).as("datagrams").isPositive();
        assertThat(counts.get("accepted")).isPositive();
        assertThat(counts).containsEntry("lost", 0);
        assertThat(gate.ask("GET", "/metrics"))
                .containsPattern("ugate_mesh_audit_total\\{reason=\"no_carrier\"} [1-9]");
        assertThat(gate.said()).contains("mesh audit: strict mode would refuse");
    }
}
