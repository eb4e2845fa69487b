package dev.ugate.app.reverse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ugate.app.Client;
import dev.ugate.app.Running;
import dev.ugate.testing.Cable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Two instances in mesh TLS: one that listens on nothing others know is reached at the other by its name. */
@Timeout(120)
final class ReverseNodesIT {
    private static final String PATIENT = "timeouts: {sniffGrace: 5s}\n";

    @TempDir
    Path folder;

    private Moored moored;

    @BeforeEach
    void begin() throws IOException {
        moored = new Moored(folder);
    }

    @AfterEach
    void end() throws IOException {
        moored.close();
    }

    private static String at(Running running) {
        return "127.0.0.1:" + running.address().getPort();
    }

    @ParameterizedTest
    @ValueSource(strings = {"hbone", "ssh"})
    void aNodeIsReachedByANameThatTheGatewayLetsItHave(String carrier) throws Exception {
        try (Running gateway = moored.start(
                "gate",
                Running.OPEN,
                Running.LOCAL,
                PATIENT,
                moored.mesh(
                        "gate",
                        carrier,
                        "reverseNames: [{name: \"*.edge.m\", from: [\"spiffe://mesh.test/ns/edge/**\"]}]"))) {
            String reverse = "reverse: [{gateway: \"" + at(gateway) + "\", identity: \"" + Moored.GATE
                    + "\", names: [db.edge.m]}]";
            Running node = moored.start(
                    "edge",
                    Running.OPEN,
                    Moored.policy("\"" + Moored.GATE + "\""),
                    moored.mesh("edge", carrier, reverse));
            try (node) {
                Moored.reached(gateway);
                assertThat(gateway.ask("GET", "/status?form=text")).contains("reverse db.edge.m of " + Moored.EDGE);
                assertThat(node.ask("GET", "/status?form=text")).contains("gateway " + at(gateway) + ": up");
                assertThat(node.metric("ugate_reverse_gateways")).isEqualTo(1);

                moored.stream(gateway, "db.edge.m").close();
                await().untilAsserted(() -> assertThat(node.accessLines()).hasSize(1));
                assertThat(node.accessLines().get(0))
                        .contains(
                                "\"protocol\":\"" + carrier + "\"",
                                "\"identity\":\"" + Moored.GATE + "\"",
                                "\"route\":\"app\"");
                await().untilAsserted(() -> assertThat(gateway.accessLines()).hasSize(1));
                assertThatThrownBy(() -> Client.socks5(gateway.address(), "other.edge.m", moored.application.port()))
                        .as("nobody is connected for it")
                        .hasMessageContaining("reply 4");
            }
            await().atMost(Duration.ofSeconds(5)).until(() -> gateway.metric("ugate_reverse_names") == 0);
            assertThatThrownBy(() -> Client.socks5(gateway.address(), "db.edge.m", moored.application.port()))
                    .hasMessageContaining("reply 4");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"hbone", "ssh"})
    void aNodeIsReachedByTheNameOfItsOwnKeyAndDecidesWhoMayComeIn(String carrier) throws Exception {
        try (Running gateway = moored.start("gate", Running.OPEN, Running.LOCAL, PATIENT)) {
            String reverse = "mesh: {carriers: [" + carrier + "], reverse: [{gateway: \"" + at(gateway)
                    + "\", identity: \"" + identity(gateway) + "\"}]}\n";
            try (Running node =
                    moored.start("edge", Running.OPEN, Moored.policy("\"" + identity(gateway) + "\""), reverse)) {
                Moored.reached(gateway);
                String name = identity(node).replace("key:", "").toLowerCase(Locale.ROOT) + ".m";
                moored.stream(gateway, name).close();
            }
            try (Running node = moored.start("edge", Running.OPEN, Moored.policy("10.0.0.0/8"), reverse)) {
                Moored.reached(gateway);
                String name = identity(node).replace("key:", "").toLowerCase(Locale.ROOT) + ".m";
                assertThatThrownBy(() -> Client.socks5(gateway.address(), name, moored.application.port()))
                        .as("denied over there")
                        .hasMessageContaining("reply 2");
            }
        }
        assertThat(moored.application.accepted()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"hbone", "ssh"})
    void aNodeWithACertificateIsToldThatItNeedsAName(String carrier) throws Exception {
        try (Running gateway =
                        moored.start("gate", Running.OPEN, Running.LOCAL, PATIENT, moored.mesh("gate", carrier));
                Running node = moored.start(
                        "edge",
                        Running.OPEN,
                        Running.LOCAL,
                        moored.mesh("edge", carrier, "reverse: [{gateway: \"" + at(gateway) + "\"}]"))) {
            assertThat(node.ask("GET", "/status?form=text"))
                    .contains("gateway " + at(gateway) + ": no name: expected names");
        }
    }

    @ParameterizedTest
    @CsvSource({"hbone, 403", "ssh, does not let this node have its names"})
    void aNameThatTheGatewayDoesNotGiveIsToldToTheOperator(String carrier, String told) throws Exception {
        try (Running gateway =
                moored.start("gate", Running.OPEN, Running.LOCAL, PATIENT, moored.mesh("gate", carrier))) {
            String reverse = "reverse: [{gateway: \"" + at(gateway) + "\", identity: \"" + Moored.GATE
                    + "\", names: [db.edge.m]}]";
            try (Running node =
                    moored.start("edge", Running.OPEN, Running.LOCAL, moored.mesh("edge", carrier, reverse))) {
                await().atMost(Duration.ofSeconds(20))
                        .untilAsserted(() -> assertThat(node.ask("GET", "/status?form=text"))
                                .contains("gateway " + at(gateway) + ": ")
                                .contains(told));
                assertThat(gateway.metric("ugate_reverse_refused_total")).isPositive();
                assertThat(gateway.metric("ugate_reverse_names")).isZero();
            }
        }
    }

    /** Nothing comes through any more, and nobody is told. */
    @ParameterizedTest
    @ValueSource(strings = {"hbone", "ssh"})
    void aNodeBehindACableThatFellSilentIsGoneInSecondsAtBothEnds(String carrier) throws Exception {
        String soon = "limits: {reversePing: 300ms, reversePatience: 900ms}\n";
        try (Running gateway = moored.start("gate", Running.OPEN, Running.LOCAL, PATIENT, soon);
                Cable cable = new Cable(gateway.address())) {
            String at = "127.0.0.1:" + cable.address().getPort();
            String reverse = "mesh: {carriers: [" + carrier + "], reverse: [{gateway: \"" + at + "\", identity: \""
                    + identity(gateway) + "\"}]}\n";
            try (Running node = moored.start("edge", Running.OPEN, Running.LOCAL, soon, reverse)) {
                await().atMost(Duration.ofSeconds(20)).until(() -> node.metric("ugate_reverse_gateways") == 1);
                await().during(Duration.ofSeconds(2))
                        .atMost(Duration.ofSeconds(4))
                        .untilAsserted(() -> assertThat(gateway.metric("ugate_reverse_names"))
                                .as("while it answers")
                                .isPositive());
                cable.freeze();
                await().atMost(Duration.ofSeconds(4)).until(() -> gateway.metric("ugate_reverse_names") == 0);
                await().atMost(Duration.ofSeconds(4)).until(() -> node.metric("ugate_reverse_gateways") == 0);
                String hit = "ugate_limit_hit_total{limit=\"reversePatience\"} 1.0";
                if (carrier.equals("ssh")) {
                    assertThat(gateway.ask("GET", "/metrics")).contains(hit);
                    assertThat(node.ask("GET", "/metrics")).contains(hit);
                    assertThat(node.ask("GET", "/status?form=text")).contains("limit reversePatience: no sign of life");
                }
            }
        }
    }

    /** Make before break: what runs goes on, what begins finds the node, whenever it does. */
    @ParameterizedTest
    @ValueSource(strings = {"hbone", "ssh"})
    void aGatewayThatLeavesLosesNoStreamOfANodeThatGoesElsewhere(String carrier) throws Exception {
        String stays = "{address: \"127.0.0.2:0\", forward: open}";
        String both = "listeners: [{address: \"127.0.0.1:0\", forward: open}, " + stays + "]\n";
        try (Running gateway = moored.start("gate", both, Running.LOCAL, PATIENT);
                Cable cable = new Cable(gateway.address())) {
            InetSocketAddress next =
                    (InetSocketAddress) gateway.app().addresses().get(1);
            String reverse = "mesh: {carriers: [" + carrier + "], reverse: [{gateway: \"127.0.0.1:"
                    + cable.address().getPort() + "\", identity: \"" + identity(gateway) + "\"}]}\n";
            try (Running node =
                    moored.start("edge", Running.OPEN, Moored.policy("\"" + identity(gateway) + "\""), reverse)) {
                Moored.reached(gateway);
                String name = identity(node).replace("key:", "").toLowerCase(Locale.ROOT) + ".m";
                try (Socket running = Client.socks5(next, name, moored.application.port())) {
                    assertThat(Client.echoes(running, "begun before")).isTrue();
                    cable.to(next);
                    Running.write(folder.resolve("gate"), "listeners: [" + stays + "]\n", Running.LOCAL, PATIENT);
                    assertThat(gateway.app().reload()).isEmpty();
                    await().pollInterval(Duration.ofMillis(1))
                            .atMost(Duration.ofSeconds(20))
                            .until(() -> {
                                try (Socket between = Client.socks5(next, name, moored.application.port())) {
                                    assertThat(Client.echoes(between, "between"))
                                            .isTrue();
                                }
                                return cable.made() == 2 && gateway.metric("ugate_reverse_tunnels") == 1;
                            });
                    assertThat(cable.live()).as("the old one has a stream").isEqualTo(2);
                    assertThat(Client.say(running, "and its end")).isEqualTo("and its end");
                }
                await().atMost(Duration.ofSeconds(10)).until(() -> cable.live() == 1);
                try (Socket after = Client.socks5(next, name, moored.application.port())) {
                    assertThat(Client.echoes(after, "after")).isTrue();
                }
                assertThat(node.log()).noneMatch(line -> line.contains("not reachable at gateway"));
            }
        }
    }

    private static String identity(Running running) throws IOException {
        String status = running.ask("GET", "/status");
        return status.replaceFirst("(?s).*\"identity\":\"([^\"]*)\".*", "$1");
    }
}
