package dev.ugate.protocols.ssh.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Endpoint;
import dev.ugate.model.HostPort;
import dev.ugate.model.Identity;
import dev.ugate.model.Intent;
import dev.ugate.model.Refusal;
import dev.ugate.net.reverse.Reverse;
import dev.ugate.protocols.ssh.channel.Bounds;
import dev.ugate.protocols.ssh.channel.Talk;
import dev.ugate.protocols.ssh.server.ServerConnection.Means;
import dev.ugate.protocols.ssh.wire.Message;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Dial;
import dev.ugate.testing.FakeGate;
import dev.ugate.testing.Notes;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** Nodes that keep a connection open to be reached by their names. */
class NodeNamesTest {
    private static final Identity NODE = new Identity("key:NODE", Identity.Proof.KEY);

    private final Reverse reverse = new Reverse(() -> new Reverse.Terms() {
        @Override
        public boolean allows(String name, Identity owner) {
            return name.endsWith(".m");
        }

        @Override
        public boolean reserves(String name) {
            return false;
        }

        @Override
        public int mostNames() {
            return 3;
        }

        @Override
        public int mostTunnels() {
            return 2;
        }
    });

    private record Member(boolean member) implements Guest {
        @Override
        public Optional<Identity> identity() {
            return Optional.of(NODE);
        }

        @Override
        public String user() {
            return "node";
        }

        @Override
        public boolean mayOpen(HostPort target) {
            return true;
        }

        @Override
        public boolean mayListen(String host, int port) {
            return true;
        }
    }

    private Talk talk(boolean member) {
        Means means = Serving.streams(new FakeGate(), reverse);
        return new Talk(new ServerConnection(means, new Member(member)), Bounds.STANDARD, Talk.UGATE);
    }

    private static Talk names(Talk talk, String names) {
        return talk.asks(NodeNames.REQUEST, true, out -> Talk.string(out, names));
    }

    @Test
    void aNodeHasItsNamesForAsLongAsItIsThere() {
        try (Talk talk = talk(true)) {
            names(talk, "a.m,b.m");
            assertThat(talk.heard()).containsExactly("GRANTED");
            assertThat(reverse.rows()).extracting(Reverse.Row::name).containsExactly("a.m", "b.m");
            assertThat(reverse.open()).isOne();
            names(talk, "c.m");
            assertThat(reverse.rows()).extracting(Reverse.Row::name).containsExactly("c.m");
            assertThat(reverse.open()).as("the same connection").isOne();
        }
        assertThat(reverse.owned()).isZero();
        assertThat(reverse.open()).isZero();
    }

    @Test
    void oneNodeKeepsSoManyConnections() {
        try (Talk one = talk(true);
                Talk two = talk(true);
                Talk three = talk(true)) {
            assertThat(names(one, "a.m").heard()).containsExactly("GRANTED");
            assertThat(names(two, "a.m").heard()).as("a newer one replaces it").containsExactly("GRANTED");
            assertThat(names(three, "a.m").heard()).containsExactly("DENIED");
            assertThat(reverse.refused()).isOne();
        }
        assertThat(reverse.open()).isZero();
    }

    @Test
    void whatIsNotAllowedLeavesNothingBehind() {
        try (Talk talk = talk(true)) {
            assertThat(names(talk, "a.m,b.example").heard()).containsExactly("DENIED");
            assertThat(reverse.owned()).isZero();
            assertThat(reverse.open()).isZero();
        }
    }

    @Test
    void onlyMembersAreNodes() {
        try (Talk talk = talk(false)) {
            assertThat(names(talk, "a.m").heard()).containsExactly("DENIED");
            assertThat(reverse.owned()).isZero();
        }
    }

    /** Seconds, not the minute of others: whoever asks for the name would wait that long. */
    @Test
    void aNodeIsLookedAfterMoreCloselyThanOthers() {
        try (Talk talk = talk(true)) {
            names(talk, "a.m").heard();
            talk.pass(Duration.ofSeconds(2));
            talk.heard();
            talk.pass(Duration.ofSeconds(2));
            assertThat(talk.heard()).containsExactly("GLOBAL keepalive@openssh.com true");
            talk.pass(Duration.ofSeconds(2));
            assertThat(talk.ending()).hasMessageContaining("limit reversePatience: no sign of life");
            assertThat(reverse.owned()).isZero();
        }
    }

    private Future<Channel> dial(Talk talk, String name) {
        HostPort there = new HostPort(name, 80);
        Endpoint endpoint = reverse.resolve(there)
                .toCompletableFuture()
                .join()
                .orElseThrow()
                .stages()
                .get(0)
                .get(0);
        Intent intent = Intent.bytes("socks5", Connection.of(talk.wire).peer(), there);
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        return reverse.dial(new Dial(intent, endpoint, deadline), talk.wire.eventLoop());
    }

    private static Predicate<String> opens() {
        return line -> line.startsWith("OPEN direct-tcpip");
    }

    /** As GOAWAY does over HTTP/2: make before break. */
    @Test
    void aGatewayThatLeavesServesTheNodeUntilItIsReachedElsewhere() {
        try (Talk old = talk(true);
                Talk next = talk(true)) {
            names(old, "a.m").heard();
            old.engine.drain();
            old.engine.drain();
            assertThat(old.heard()).as("told once").containsExactly("GLOBAL drain@ugate.dev true");
            old.say(Message.REQUEST_SUCCESS, out -> {});
            dial(old, "a.m");
            assertThat(old.heard()).as("a stream in between").anyMatch(opens());
            old.say(
                    Message.CHANNEL_OPEN_CONFIRMATION,
                    out -> out.writeInt(0).writeInt(7).writeInt(1000).writeInt(1000));

            names(next, "a.m").heard();
            old.asks(NodeNames.DRAIN, true, out -> {});
            assertThat(old.heard()).containsExactly("GRANTED");
            old.pass(Duration.ofSeconds(1));
            assertThat(old.wire.isActive()).isTrue();
            assertThat(old.engine.live()).as("the stream goes on").isOne();
            dial(next, "a.m");
            assertThat(next.heard()).anyMatch(opens());
            assertThat(reverse.open()).isOne();

            old.closes(0);
            old.heard();
            assertThat(old.ending()).as("with its last stream").hasMessageContaining("going away");
        }
    }

    @Test
    void aNodeThatDoesNotKnowTheWordIsLeftAtOnce() {
        try (Talk talk = talk(true)) {
            names(talk, "a.m").heard();
            talk.engine.drain();
            talk.heard();
            talk.say(Message.REQUEST_FAILURE, out -> {});
            talk.heard();
            assertThat(talk.ending()).hasMessageContaining("going away");
        }
    }

    @Test
    void aNodeThatStaysIsWaitedForSoLongAndNoLonger() {
        try (Talk talk = talk(true)) {
            names(talk, "a.m").heard();
            talk.engine.drain();
            talk.say(Message.REQUEST_SUCCESS, out -> {});
            for (int second = 0; second < 4; second++) {
                talk.pass(Duration.ofSeconds(1)).asks("keepalive@openssh.com", false, out -> {});
            }
            assertThat(talk.engine.isDraining()).isFalse();
            talk.pass(Duration.ofSeconds(1)).heard();
            assertThat(talk.ending()).hasMessageContaining("going away");
            Notes notes = (Notes) Connection.of(talk.wire).ingress().settings().journal();
            assertThat(notes.limits()).containsExactly("reversePatience");
        }
    }

    /** The process ends: nothing new would come to the node here, so that it cannot be served until it moored elsewhere. */
    @Test
    void aGatewayThatEndsTellsTheNodeAndWaitsForItsStreamsAlone() {
        try (Talk idle = talk(true);
                Talk busy = talk(true)) {
            names(idle, "a.m").heard();
            names(busy, "b.m").heard();
            dial(busy, "b.m");
            busy.heard();
            busy.say(
                    Message.CHANNEL_OPEN_CONFIRMATION,
                    out -> out.writeInt(0).writeInt(7).writeInt(1000).writeInt(1000));
            busy.engine.drain();
            reverse.drain();
            for (Talk talk : List.of(idle, busy)) {
                talk.wire.runPendingTasks();
                assertThat(talk.heard()).as("once").containsExactly("GLOBAL drain@ugate.dev true");
            }
            assertThat(reverse.owned()).isZero();
            assertThat(idle.ending()).hasMessageContaining("going away");
            busy.pass(Duration.ofSeconds(1));
            assertThat(busy.engine.live()).isOne();
            assertThat(busy.wire.isActive()).isTrue();
            busy.closes(0).heard();
            assertThat(busy.ending()).hasMessageContaining("going away");
        }
    }

    /** What the node says when it stops: new streams fail at once, and those that run go on. */
    @Test
    void aNodeThatLeavesIsReachedNoMore() {
        try (Talk talk = talk(true)) {
            names(talk, "a.m").heard();
            talk.asks(NodeNames.DRAIN, true, out -> {});
            assertThat(talk.heard()).containsExactly("GRANTED");
            assertThat(reverse.owned()).isZero();
            assertThat(talk.engine.isDraining()).isFalse();
            talk.engine.drain();
            talk.heard();
            assertThat(talk.ending()).as("nobody to wait for").hasMessageContaining("going away");
        }
        try (Talk nobody = talk(true)) {
            assertThat(nobody.asks(NodeNames.DRAIN, true, out -> {}).heard()).containsExactly("DENIED");
        }
    }

    @Test
    void aStreamThatTheNodeDidNotTakeGoesToItsOtherConnection() {
        try (Talk old = talk(true);
                Talk next = talk(true)) {
            names(old, "a.m").heard();
            dial(old, "a.m");
            assertThat(old.heard()).anyMatch(opens());
            names(next, "a.m").heard();
            old.say(Message.CHANNEL_OPEN_FAILURE, out -> {
                out.writeInt(0).writeInt(4);
                Talk.string(out, Refusal.DRAINING.label());
                Talk.string(out, "");
            });
            assertThat(next.heard()).anyMatch(opens());
        }
    }
}
