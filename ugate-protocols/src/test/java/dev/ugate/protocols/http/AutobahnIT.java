package dev.ugate.protocols.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Carrier;
import dev.ugate.model.Route;
import dev.ugate.protocols.http.Fuzzing.Outcome;
import dev.ugate.protocols.http.ws.EchoServer;
import dev.ugate.route.Match;
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
    void framesAreRightAndRelayedAsTheyAre() {
        compare(List.of("1.1.*", "2.*", "3.*", "4.*", "5.*", "6.1.*", "6.2.*", "6.4.*", "7.*"), 100);
    }

    @Test
    @Tag("long")
    @Timeout(600)
    void everyCase() {
        compare(List.of("*"), 517);
    }

    private void compare(List<String> cases, int least) {
        proxy.waist.routes(new Route(
                "echo",
                Match.ALL,
                new Route.Forward(
                        List.of(new Route.Destination(
                                Optional.of("127.0.0.1:" + echo.port()), 1, List.of(Carrier.TCP), Optional.empty())),
                        Optional.empty(),
                        Optional.empty())));
        var direct = Fuzzing.run(folder, "direct", echo.port(), cases);
        var relayed = Fuzzing.run(folder, "relayed", proxy.port(), cases);
        Map<String, Outcome> own = direct.join();
        System.out.println("autobahn: " + own.size() + " cases: "
                + own.values().stream()
                        .collect(Collectors.groupingBy(
                                outcome -> outcome.behavior() + "/" + outcome.close(), Collectors.counting())));
        assertThat(own).hasSizeGreaterThanOrEqualTo(least);
        assertThat(own.entrySet().stream()
                        .filter(one -> one.getValue().failed())
                        .toList())
                .isEmpty();
        assertThat(relayed.join()).isEqualTo(own);
    }
}
