package dev.ugate.protocols.http.reverse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.HostPort;
import dev.ugate.protocols.http.Http;
import dev.ugate.protocols.http.h2.Frames;
import dev.ugate.testing.FakeGate;
import dev.ugate.testing.Listening;
import dev.ugate.testing.Reachable;
import dev.ugate.testing.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A node at a gateway that is played by the test: when it counts as reachable, and when it leaves the connection before. */
final class MooringTest {
    private static final Duration BACKOFF = Duration.ofSeconds(2);

    private final FakeGate gate = new FakeGate();
    private final Reachable reachable = new Reachable();
    private final Wire loop = Wire.upstream();
    private final Gateway first = new Gateway();
    private final Gateway second = new Gateway();
    private Gateway now = first;

    /** One connection, whose other end the test is. */
    private static final class Gateway {
        private final Wire wire = Wire.upstream();
        private final Frames frames = new Frames();
        private final Frames inside = new Frames();
        private boolean begun;

        /** Lets the node have its tunnel, and says the first words in it. */
        void opens() {
            wire.send(Frames.settings(8, 1)).send(Frames.settingsAck());
            wire.send(frames.headers(1, false, ":status", "200"));
            says(Frames.PREFACE);
            says(Frames.settings());
        }

        /** Says something in the tunnel. */
        void says(byte[] bytes) {
            wire.send(Frames.frame(0, 0, 1, bytes));
        }

        /** What the node said in the tunnel since the last call. */
        List<String> heard() {
            byte[] bytes = wire.heardBytes();
            ByteBuf in = Unpooled.wrappedBuffer(
                    begun ? bytes : Arrays.copyOfRange(bytes, Frames.PREFACE.length, bytes.length));
            begun |= bytes.length > 0;
            ByteBuf tunnel = Unpooled.buffer();
            while (in.isReadable()) {
                int length = in.readUnsignedMedium();
                boolean data = in.readByte() == 0;
                ByteBuf payload = in.skipBytes(5).readSlice(length);
                if (data) {
                    tunnel.writeBytes(payload);
                }
            }
            return inside.read(ByteBufUtil.getBytes(tunnel));
        }

        void leavesNothing() {
            wire.close();
            wire.heard();
            wire.checkException();
            assertThat(wire.tally().live()).isEmpty();
        }
    }

    @BeforeEach
    void begin() {
        Mooring.Way way = (own, deadline) -> own.newSucceededFuture(now.wire);
        Mooring.Terms terms = new Mooring.Terms(
                new HostPort("gateway.m", 15008),
                List.of("node.m"),
                way,
                Optional.empty(),
                () -> Listening.open().ingress(),
                reachable);
        new Http().mooring(terms, gate, loop.eventLoop()).begin();
        loop.runPendingTasks();
    }

    @AfterEach
    void leavesNothing() {
        first.leavesNothing();
        second.leavesNothing();
        loop.close();
    }

    @Test
    void theNodeIsReachableWhenTheGatewaySaysThatItHasItsSettings() {
        first.opens();
        assertThat(first.heard()).contains("SETTINGS ack");
        assertThat(reachable.told()).as("nobody can be sure yet").isEmpty();
        first.says(Frames.settingsAck());
        assertThat(reachable.told()).containsExactly("up");
        first.says(Frames.settingsAck());
        assertThat(reachable.told()).as("once").containsExactly("up");
    }

    @Test
    void theConnectionBeforeServesUntilTheGatewayHasTheOther() {
        first.opens();
        first.says(Frames.settingsAck());
        now = second;
        first.wire.send(Frames.goAway(1, 0));
        loop.pass(BACKOFF);
        second.opens();
        assertThat(second.heard()).contains("SETTINGS ack");
        assertThat(first.heard()).noneMatch(frame -> frame.startsWith("GOAWAY"));
        first.says(first.inside.headers(1, false, ":method", "CONNECT", ":authority", "node.m:80"));
        assertThat(gate.opened()).as("a stream that began in between").hasSize(1);
        assertThat(reachable.told()).containsExactly("up");

        second.says(Frames.settingsAck());
        assertThat(first.heard()).anyMatch(frame -> frame.startsWith("GOAWAY"));
        assertThat(reachable.told()).containsExactly("up", "up");
    }

    @Test
    void aConnectionThatIsLostBeforeItServesIsMadeAgain() {
        first.opens();
        first.wire.close();
        first.wire.runPendingTasks();
        assertThat(reachable.told()).containsExactly("down");
        now = second;
        loop.pass(BACKOFF);
        second.opens();
        second.says(Frames.settingsAck());
        assertThat(reachable.told()).containsExactly("down", "up");
    }

    /** Longer than {@code timeouts.requestHead}, which is for peers that came to ask for something. */
    @Test
    void aNodeThatNobodyAsksForAnythingStays() {
        first.opens();
        first.says(Frames.settingsAck());
        first.heard();
        for (int second = 0; second < 60; second++) {
            first.wire.pass(Duration.ofSeconds(1));
            first.wire.send(Frames.ping(true));
            first.says(Frames.ping(true));
        }
        assertThat(first.heard()).allMatch(frame -> frame.startsWith("PING"));
        assertThat(first.wire.isActive()).isTrue();
        assertThat(reachable.told()).containsExactly("up");
    }
}
