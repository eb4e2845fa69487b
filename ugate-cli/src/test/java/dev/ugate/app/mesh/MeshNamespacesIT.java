package dev.ugate.app.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ugate.app.Namespace;
import dev.ugate.app.Running;
import dev.ugate.app.Spawned;
import dev.ugate.cli.Said;
import dev.ugate.testing.Peers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two and three ugates, each in a network of its own, with the certificates of {@code ugate ca}: what a client says by SOCKS5 to an
 * application passes no cable between them in the clear; the same said without ugate does, so that the test could tell.
 */
@Tag("interop")
@Timeout(120)
final class MeshNamespacesIT {
    private static final String ID = "spiffe://mesh.test/ns/%1$s/sa/%1$s";
    private static final String FRONT = ID.formatted("front");
    private static final String GATE = ID.formatted("gate");
    private static final String DB = ID.formatted("db");
    private static final String SERVICE = """
            discovery:
              chain: [config]
              config:
                services: [{name: db.m, endpoints: ["%s:15008"], identity: "%s", %s}]
            """;
    private static final String ALLOWED = """
            policy: {default: deny, allow: [{name: front, from: "%s", to: db.m, port: 5432, protocol: hbone}]}
            """.formatted(FRONT);

    /** Where the controls are answered, on an address that others reach. */
    private static final String PLAIN = ":7000";

    @TempDir
    private static Path folder;

    private final String marker = "planted-" + UUID.randomUUID();
    private final List<AutoCloseable> open = new ArrayList<>();
    private Process watch;

    /** As docs/mesh.md does it: a request for each node's own key, which stays in its state directory. */
    @BeforeAll
    static void issue() throws IOException {
        Peers.require("ip", "python3");
        String authority = folder.resolve("ca").toString();
        ugate("ca", "init", authority, "--domain", "mesh.test");
        for (String name : List.of("front", "gate", "db")) {
            Path own = Files.createDirectory(folder.resolve(name));
            Running.write(own, Running.OPEN);
            Path request = Files.writeString(
                    own.resolve("node.csr"),
                    ugate("id", "--csr", "-c", own + "/ugate.yaml", "--state", own + "/state"));
            ugate("ca", "sign", authority, request.toString(), "--id", ID.formatted(name), "--out", own.toString());
        }
    }

    private static String ugate(String... arguments) {
        Said said = Said.by(arguments);
        assertThat(said.code()).as(said.err()).isZero();
        return said.out();
    }

    /** Closes everything, whatever fails. */
    @AfterEach
    void end() throws Exception {
        Exception first = null;
        for (int i = open.size() - 1; i >= 0; i--) {
            try {
                open.get(i).close();
            } catch (Exception e) {
                first = first == null ? e : first;
            }
        }
        if (first != null) {
            throw first;
        }
    }

    private Namespace network() throws IOException {
        Namespace made = Namespace.of();
        open.add(made);
        return made;
    }

    private void gate(String name, Namespace in, String... sections) throws IOException {
        List<String> all = new ArrayList<>(List.of(sections));
        all.add(
                "mesh: {mode: strict, trust: [{domain: mesh.test, bundle: root.pem}], certificate: {cert: node.pem}}\n");
        open.add(Spawned.of(folder.resolve(name), in.before(), List.of("-Xmx128m"), all.toArray(String[]::new)));
    }

    /** Beside the client; {@code via} says how to the application. */
    private void front(Namespace in, String via) throws IOException {
        gate(
                "front",
                in,
                "listeners: [{address: \"127.0.0.1:1080\", role: sidecar, protocols: [socks5], forward: open}]\n",
                "policy: {default: deny, allow: [{name: client, from: local, to: db.m, port: 5432}]}\n",
                SERVICE.formatted("10.89.1.2", DB, via));
    }

    /** The application, which listens on loopback and answers controls at {@code address}, and the sidecar before it. */
    private void db(Namespace in, String address) throws IOException {
        in.start(party("echo", "127.0.0.1:5432", address + PLAIN));
        gate(
                "db",
                in,
                "listeners: [{address: \"0.0.0.0:15008\", role: sidecar, protocols: [hbone], app: 127.0.0.1, names: db.m}]\n",
                ALLOWED);
    }

    private static List<String> party(String... arguments) {
        Path script =
                Path.of(System.getProperty("ugate.root", ".."), "ugate-cli/src/test/resources/namespaces/party.py");
        List<String> command = new ArrayList<>(List.of(
                Peers.program("python3").toString(), script.toAbsolutePath().toString()));
        command.addAll(List.of(arguments));
        return command;
    }

    /** Says the marker, twice, to {@code at} or through it to {@code target}; fails unless all of it comes back. */
    private void ask(Namespace from, String at, String... target) throws IOException {
        List<String> command = party("ask", marker, at);
        command.addAll(List.of(target));
        from.run(command.toArray(String[]::new));
    }

    private void watch(Namespace in, String... devices) throws IOException {
        List<String> command = party("watch", marker);
        command.addAll(List.of(devices));
        watch = in.start(command);
    }

    /** What passed so far: a packet is kept before its receiver has it. */
    private Map<String, Integer> seen() throws IOException {
        watch.outputWriter().append('\n').flush();
        String told = watch.inputReader().readLine();
        assertThat(told).contains("=");
        Map<String, Integer> counts = new HashMap<>();
        for (String pair : told.split(" ", -1)) {
            counts.put(pair.substring(0, pair.indexOf('=')), Integer.valueOf(pair.substring(pair.indexOf('=') + 1)));
        }
        return counts;
    }

    /** What passed was of the mesh, and sealed. */
    private void sealed(String... devices) throws IOException {
        Map<String, Integer> counts = seen();
        for (String device : devices) {
            assertThat(counts.get(device + ".carried")).as("%s", counts).isGreaterThan(4);
            assertThat(counts).containsEntry(device + ".marked", 0).containsEntry(device + ".lost", 0);
        }
    }

    private static void logged(String name, String... parts) {
        await().untilAsserted(() -> assertThat(Files.readAllLines(folder.resolve(name + "/log.jsonl")))
                .anySatisfy(line -> assertThat(line).contains("\"bytes_in\":").contains(parts)));
    }

    @Test
    void betweenTwoNobodySeesWhatAClientSays() throws IOException {
        Namespace west = network();
        Namespace east = network();
        west.cable("out", "10.89.1.1/24", east, "in", "10.89.1.2/24");
        db(east, "10.89.1.2");
        front(west, "via: [hbone]");
        watch(east, "in");

        ask(west, "127.0.0.1:1080", "db.m:5432");
        logged("db", "\"protocol\":\"hbone\"", "\"identity\":\"" + FRONT + "\"", "\"to\":\"db.m:5432\"");
        sealed("in");

        ask(west, "10.89.1.2" + PLAIN);
        assertThat(seen()).as("the control, there and back").containsEntry("in.marked", 4);
    }

    /** The gateway stands between two networks without a way from one to the other but through it. */
    @Test
    void throughAGatewayNobodySeesItOnEitherSide() throws IOException {
        Namespace west = network();
        Namespace middle = network();
        Namespace east = network();
        west.cable("out", "10.89.1.1/24", middle, "near", "10.89.1.2/24");
        middle.cable("far", "10.89.2.1/24", east, "in", "10.89.2.2/24");
        db(east, "10.89.2.2");
        middle.start(party("echo", "10.89.1.2" + PLAIN));
        gate(
                "gate",
                middle,
                "listeners: [{address: \"0.0.0.0:15008\", role: gateway, protocols: [hbone], forward: authenticated}]\n",
                ALLOWED,
                SERVICE.formatted("10.89.2.2", DB, "via: [mtls]"));
        front(west, "via: [hbone, hbone], gateway: {identity: \"" + GATE + "\", network: east}");
        watch(middle, "near", "far");

        ask(west, "127.0.0.1:1080", "db.m:5432");
        logged("db", "\"protocol\":\"hbone\"", "\"identity\":\"" + FRONT + "\"", "\"to\":\"db.m:5432\"");
        logged("gate", "\"protocol\":\"hbone\"", "\"identity\":\"" + FRONT + "\"", "\"to\":\"db.m:5432\"");
        sealed("near", "far");

        ask(west, "10.89.1.2" + PLAIN);
        assertThat(seen()).containsEntry("near.marked", 4).containsEntry("far.marked", 0);
        ask(middle, "10.89.2.2" + PLAIN);
        assertThat(seen()).containsEntry("near.marked", 4).containsEntry("far.marked", 4);
    }
}
