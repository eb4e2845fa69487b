package dev.ugate.protocols.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Carrier;
import dev.ugate.model.Route;
import dev.ugate.protocols.http.Fuzzing.Outcome;
import dev.ugate.protocols.http.ws.EchoServer;
import dev.ugate.route.Match;
import dev.ugate.testing.FreePort;
import dev.ugate.testing.Peers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The Autobahn test suite: the codec fails no case, and what passes through behaves as if nothing were between. */
@Tag("interop")
final class AutobahnIT {
    @TempDir
    Path folder;

    private final EchoServer echo = new EchoServer();
    private final Proxy proxy = Proxy.open();

    @AfterEach
    void close() {
        proxy.close();
        echo.close();
    }

    @Test
    @Timeout(300)
    void framesAreRightAndRelayedAsTheyAre() throws IOException {
        compare(List.of("1.1.*", "2.*", "3.*", "4.*", "5.*", "6.1.*", "6.2.*", "6.4.*", "7.*"), 100);
    }

    @Test
    @Tag("long")
    @Timeout(1200)
    void everyCase() throws IOException {
        compare(List.of("*"), 301);
    }

    @Test
    @Tag("long")
    @Timeout(3600)
    void everyCaseOfTheNewerSuite() throws IOException {
        Peers.require("wstest");
        Wstest wstest = new Wstest(folder);
        Map<String, Outcome> own = wstest.run("own", echo.port()).join();
        tell(own);
        // Compression is never agreed on here: its 216 cases have nothing to say.
        assertThat(own).hasSize(517);
        assertThat(failed(own)).isEmpty();
        assertThat(own.values())
                .filteredOn(one -> one.behavior().equals("UNIMPLEMENTED"))
                .hasSizeLessThanOrEqualTo(216);
    }

    @Test
    @Tag("long")
    @Timeout(3600)
    void compressedMessagesAreRelayedAsTheyAre() throws IOException {
        Peers.require("wstest", "/usr/lib/python3/dist-packages/websockets");
        Wstest wstest = new Wstest(folder);
        int port = FreePort.next();
        Process server = wstest.serve(port);
        try {
            relayTo(port);
            var direct = wstest.run("direct", port);
            Map<String, Outcome> relayed = wstest.run("relayed", proxy.port()).join();
            tell(relayed);
            assertThat(relayed).hasSize(517).isEqualTo(direct.join());
            assertThat(failed(relayed)).isEmpty();
            assertThat(relayed.values()).noneMatch(one -> one.behavior().equals("UNIMPLEMENTED"));
        } finally {
            server.destroyForcibly();
        }
    }

    private void relayTo(int port) {
        proxy.waist.routes(new Route(
                "echo",
                Match.ALL,
                new Route.Forward(
                        List.of(new Route.Destination(
                                Optional.of("127.0.0.1:" + port), 1, List.of(Carrier.TCP), Optional.empty())),
                        Optional.empty(),
                        Optional.empty())));
    }

    private static void tell(Map<String, Outcome> outcomes) {
        System.out.println("autobahn: " + outcomes.size() + " cases: "
                + outcomes.values().stream()
                        .collect(Collectors.groupingBy(
                                outcome -> outcome.behavior() + "/" + outcome.close(), Collectors.counting())));
    }

    private static List<Map.Entry<String, Outcome>> failed(Map<String, Outcome> outcomes) {
        return outcomes.entrySet().stream()
                .filter(one -> one.getValue().failed())
                .toList();
    }

    private void compare(List<String> cases, int least) throws IOException {
        relayTo(echo.port());
        // One behind the other: some cases time what they carry.
        Map<String, Outcome> own = Fuzzing.run(folder, "direct", echo.port(), cases);
        tell(own);
        assertThat(own).hasSizeGreaterThanOrEqualTo(least);
        assertThat(failed(own)).isEmpty();
        Map<String, Outcome> through = Fuzzing.run(folder, "relayed", proxy.port(), cases);
        // A server may answer more or less before it finds the violation, by how its pieces came: then both are asked
        // again.
        List<String> others = own.keySet().stream()
                .filter(name -> !own.get(name).equals(through.get(name)))
                .toList();
        if (!others.isEmpty()) {
            own.putAll(Fuzzing.run(folder, "direct-again", echo.port(), others));
            through.putAll(Fuzzing.run(folder, "relayed-again", proxy.port(), others));
        }
        assertThat(through).isEqualTo(own);
    }
}
