package dev.ugate.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Glob;
import dev.ugate.model.HostPort;
import dev.ugate.model.Identity;
import dev.ugate.model.Intent;
import dev.ugate.model.Peer;
import dev.ugate.model.Refusal;
import dev.ugate.model.Shape;
import dev.ugate.policy.Rule;
import dev.ugate.policy.Rules;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** D1: web may reach db by tcp on 5432, and nothing else; either end's policy is enough to keep it so. */
final class TwoEndsTest {
    private static final String WEB = "spiffe://cluster.local/ns/web/sa/web";
    private static final String DB = "spiffe://cluster.local/ns/db/sa/db";

    /** At the source its own application asks; at the destination the peer has proven who it is. */
    private final Ways source = new Ways();

    private final Ways destination = new Ways();

    @AfterEach
    void stop() {
        source.close();
        destination.close();
    }

    /** Which of the two has a policy. */
    private enum Enforced {
        BOTH,
        SOURCE,
        DESTINATION;

        boolean at(Enforced end) {
            return this == BOTH || this == end;
        }
    }

    private static Rules only(List<String> from, String protocol) {
        Rule rule = new Rule(
                "web-db",
                from.stream().map(Peer.Pattern::parse).toList(),
                List.of(new Glob("db.example")),
                List.of(),
                List.of(5432),
                List.of(protocol),
                false);
        return new Rules(List.of(), List.of(rule), false);
    }

    /** Whether a stream of {@code who} gets to the far application: past its own node, then past the other. */
    private boolean reaches(Enforced enforced, String who, HostPort target, Shape shape) {
        boolean web = who.equals(WEB);
        // Beside web runs one enforcer, beside db another: each knows its own application by loopback.
        source.decide(enforced.at(Enforced.SOURCE) ? web ? only(List.of("127.0.0.0/8"), "tcp") : nobody() : Rules.OPEN);
        destination.decide(enforced.at(Enforced.DESTINATION) ? only(List.of(WEB), "hbone") : Rules.OPEN);
        String first = shape == Shape.BYTES ? "tcp" : "udp";
        String second = shape == Shape.BYTES ? "hbone" : "udp";
        Peer proven = Ways.FAR.withIdentity(new Identity(who, Identity.Proof.CERTIFICATE));
        return passes(source, new Intent(first, Ways.NEAR, target, shape, Map.of()))
                && passes(destination, new Intent(second, proven, target, shape, Map.of()));
    }

    private static Rules nobody() {
        return new Rules(List.of(), List.of(), false);
    }

    private static boolean passes(Ways end, Intent intent) {
        end.transport = end::connects;
        end.discovery = target -> Ways.answer(Ways.at(target.host(), "203.0.113.1"));
        Future<Channel> way = end.begin(intent);
        assertThat(way.awaitUninterruptibly(20_000)).isTrue();
        assertThat(way.isSuccess() || Ways.refused(way).reason() == Refusal.DENIED)
                .isTrue();
        return way.isSuccess();
    }

    @ParameterizedTest
    @EnumSource(Enforced.class)
    void whatIsAllowedPassesAndEachEndAloneBlocksTheRest(Enforced enforced) {
        HostPort db = HostPort.parse("db.example:5432");
        assertThat(reaches(enforced, WEB, db, Shape.BYTES)).isTrue();
        assertThat(reaches(enforced, WEB, db.withPort(22), Shape.BYTES))
                .as("another port")
                .isFalse();
        assertThat(reaches(enforced, WEB, db, Shape.DATAGRAMS))
                .as("another protocol")
                .isFalse();
        assertThat(reaches(enforced, DB, HostPort.parse("web.example:5432"), Shape.BYTES))
                .as("the reverse direction")
                .isFalse();
        assertThat(reaches(enforced, DB, db, Shape.BYTES)).as("another source").isFalse();
        assertThat(reaches(enforced, WEB, HostPort.parse("cache.example:5432"), Shape.BYTES))
                .as("another service")
                .isFalse();
    }

    @Test
    void withoutEitherEverythingPasses() {
        source.decide(Rules.OPEN);
        destination.decide(Rules.OPEN);
        assertThat(Stream.of("db.example:22", "cache.example:1")
                        .map(HostPort::parse)
                        .allMatch(target -> passes(source, Intent.bytes("tcp", Ways.NEAR, target))))
                .isTrue();
    }
}
