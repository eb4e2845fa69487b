package dev.ugate.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ugate.model.Carrier;
import dev.ugate.model.Route;
import dev.ugate.route.Match;
import dev.ugate.route.Routes;
import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an endpoint is asked, and what its answer means; the test is the endpoint. */
final class HealthChecksTest {
    private final Ways ways = new Ways();
    private final EmbeddedChannel endpoint = new EmbeddedChannel();

    private HealthChecks check(String to, List<Carrier> via) {
        var destination = new Route.Destination(Optional.of(to), 1, via, Optional.empty());
        var health = new Route.Health(Optional.of("/ready"), Duration.ofHours(1));
        var forward = new Route.Forward(List.of(destination), Optional.empty(), Optional.of(health));
        Plan plan = ways.plan.read();
        HealthChecks checks =
                new HealthChecks((dial, loop) -> loop.newSucceededFuture(endpoint), ways.ejections, ways.loop);
        checks.follow(new Plan(
                plan.policy(),
                new Routes(List.of(new Route("r", Match.ALL, forward))),
                plan.discovery(),
                plan.timeouts()));
        return checks;
    }

    private String asked() {
        await().until(() -> !endpoint.outboundMessages().isEmpty());
        ByteBuf bytes = endpoint.readOutbound();
        try {
            return bytes.toString(StandardCharsets.US_ASCII);
        } finally {
            bytes.release();
        }
    }

    /** RFC 9110 §7.2: servers answer 400 to others. */
    @ParameterizedTest
    @CsvSource({
        "10.0.0.1:8080, tcp, 10.0.0.1:8080",
        "10.0.0.1:80, tcp, 10.0.0.1",
        "10.0.0.1:443, tls, 10.0.0.1",
        "[::1]:80, tcp, [::1]",
        "[::1]:8443, tls, [::1]:8443"
    })
    void asksForTheHostAsAnAuthority(String to, String carrier, String host) {
        List<Carrier> via = carrier.equals("tcp") ? List.of() : List.of(Carrier.of(carrier), Carrier.TCP);
        try (HealthChecks checks = check(to, via)) {
            assertThat(asked())
                    .isEqualTo("GET /ready HTTP/1.1\r\nhost: " + host
                            + "\r\nuser-agent: ugate-health\r\nconnection: close\r\n\r\n");
        }
        ways.close();
    }
}
