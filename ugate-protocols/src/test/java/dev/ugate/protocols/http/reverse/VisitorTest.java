package dev.ugate.protocols.http.reverse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Endpoint;
import dev.ugate.model.HostPort;
import dev.ugate.model.Identity;
import dev.ugate.model.Intent;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.net.reverse.Reverse;
import dev.ugate.protocols.http.h2.Frames;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Dial;
import dev.ugate.testing.Listening;
import dev.ugate.testing.Wire;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A gateway whose node is played by the test: what becomes of streams while the node goes over to another connection. */
final class VisitorTest {
    private static final Identity NODE = new Identity("key:NODE", Identity.Proof.KEY);
    private static final HostPort THERE = new HostPort("node.m", 80);

    private final Reverse reverse = new Reverse(() -> new Reverse.Terms() {
        @Override
        public boolean allows(String name, Identity owner) {
            return true;
        }

        @Override
        public boolean reserves(String name) {
            return false;
        }

        @Override
        public int mostNames() {
            return 1;
        }

        @Override
        public int mostTunnels() {
            return 2;
        }
    });
    private final Wire old = Wire.local(Listening.open());
    private final Wire next = Wire.local(Listening.open());
    private final Frames frames = new Frames();

    @BeforeEach
    void begin() {
        comes(old);
    }

    @AfterEach
    void leavesNothing() {
        for (Wire wire : List.of(old, next)) {
            wire.close();
            wire.heard();
            wire.checkException();
            assertThat(wire.tally().live()).isEmpty();
        }
    }

    private Visitor comes(Wire wire) {
        Visitor visitor = new Visitor(wire, reverse, NODE, List.of("node.m"));
        visitor.begin();
        wire.runPendingTasks();
        wire.send(Frames.settings(3, 100)).send(Frames.settingsAck());
        wire.heardBytes();
        return visitor;
    }

    private Dial dial() {
        Endpoint endpoint = reverse.resolve(THERE)
                .toCompletableFuture()
                .join()
                .orElseThrow()
                .stages()
                .get(0)
                .get(0);
        Intent intent = Intent.bytes("socks5", Connection.of(old).peer(), THERE);
        return new Dial(
                intent, endpoint, System.nanoTime() + Duration.ofSeconds(10).toNanos());
    }

    /** The head went out, and the node says in its GOAWAY that it did not look at it (RFC 9113 §6.8). */
    @Test
    void aStreamThatTheLeavingConnectionDidNotTakeGoesToTheOther() {
        Future<Channel> way = reverse.dial(dial(), old.eventLoop());
        assertThat(frames.read(old.heardBytes())).anyMatch(line -> line.startsWith("HEADERS 1"));
        comes(next);
        old.send(Frames.goAway(0, 0));
        assertThat(way.isDone()).isFalse();
        next.runPendingTasks();
        assertThat(new Frames().read(next.heardBytes())).anyMatch(line -> line.startsWith("HEADERS 1"));
        next.send(new Frames().headers(1, false, ":status", "200"));
        old.runPendingTasks();
        assertThat(way.isSuccess()).isTrue();
    }

    @Test
    void aStreamThatComesToALeavingConnectionWasNotActedOn() {
        Dial dial = dial();
        Visitor leaving = comes(next);
        next.send(Frames.goAway(Integer.MAX_VALUE, 0));
        Refused why = (Refused) leaving.dial(dial, next.eventLoop()).cause();
        assertThat(why.reason()).isEqualTo(Refusal.DRAINING);
        assertThat(why.isUntouched()).isTrue();
        assertThat(next.heardBytes()).isEmpty();
    }

    @Test
    void aNodeThatNobodyTalksToIsLeftWhenTheProcessDrains() {
        reverse.drain();
        assertThat(old.isActive()).as("not on the thread of whoever drains").isTrue();
        old.runPendingTasks();
        assertThat(reverse.owned()).isZero();
        assertThat(old.sawEnd()).isTrue();
    }

    @Test
    void aStreamHasItsTimeWhenTheProcessDrains() {
        Future<Channel> way = reverse.dial(dial(), old.eventLoop());
        old.send(frames.headers(1, false, ":status", "200"));
        reverse.drain();
        old.runPendingTasks();
        assertThat(reverse.owned()).as("nobody else begins").isZero();
        old.send(Frames.data(1, false, "more"));
        assertThat(way.getNow().isActive()).isTrue();
        assertThat(old.isActive()).isTrue();

        way.getNow().close();
        old.runPendingTasks();
        assertThat(old.sawEnd()).as("with the last stream").isTrue();
    }
}
