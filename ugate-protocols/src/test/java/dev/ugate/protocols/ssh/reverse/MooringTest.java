package dev.ugate.protocols.ssh.reverse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.HostPort;
import dev.ugate.net.reverse.Reverse;
import dev.ugate.protocols.ssh.channel.Bounds;
import dev.ugate.protocols.ssh.channel.Talk;
import dev.ugate.protocols.ssh.server.NodeNames;
import dev.ugate.protocols.ssh.server.ServerConnection.Means;
import dev.ugate.protocols.ssh.server.Serving;
import dev.ugate.protocols.ssh.wire.Message;
import dev.ugate.testing.FakeGate;
import dev.ugate.testing.Listening;
import dev.ugate.testing.Reachable;
import dev.ugate.testing.Wire;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A node at gateways that are played by the test: it has another connection before it leaves the one that it has. */
final class MooringTest {
    private static final Duration BACKOFF = Duration.ofSeconds(3);

    private final FakeGate gate = new FakeGate();
    private final Wire loop = Wire.upstream();
    private final Reachable reachable = new Reachable();
    private final List<Talk> dialled = new ArrayList<>();
    private final Mooring mooring = mooring();

    private Mooring mooring() {
        Means means = Serving.streams(gate, new Reverse(() -> Reverse.Terms.NOBODY));
        Mooring.Way way = (own, deadline, role) -> {
            Talk talk = new Talk(role, Bounds.STANDARD, Talk.UGATE);
            dialled.add(talk);
            return own.newSucceededFuture(talk.wire);
        };
        Mooring.Terms terms = new Mooring.Terms(
                new HostPort("gateway.m", 15022),
                List.of("a.m"),
                way,
                Optional.empty(),
                () -> Listening.open().ingress(),
                reachable);
        return new Mooring(terms, means, loop.eventLoop());
    }

    @BeforeEach
    void begin() {
        mooring.begin();
        loop.runPendingTasks();
        granted(0);
        assertThat(reachable.told()).containsExactly("up");
    }

    @AfterEach
    void leavesNothing() {
        dialled.forEach(Talk::close);
        loop.close();
    }

    private Talk connection(int number) {
        assertThat(dialled).hasSize(number + 1);
        return dialled.get(number);
    }

    /** The gateway lets the node have its names there. */
    private void granted(int number) {
        Talk talk = connection(number);
        assertThat(talk.heard()).anyMatch(line -> line.startsWith("GLOBAL names@ugate.dev true"));
        talk.say(Message.REQUEST_SUCCESS, out -> {});
    }

    private static Talk asksFor(Talk talk, int number) {
        return talk.asksFor(number, "127.0.0.1", 80, 1000);
    }

    private void replaced(Talk old) {
        loop.pass(BACKOFF);
        assertThat(old.heard()).as("not before the other one serves").isEmpty();
        asksFor(old, 1);
        assertThat(gate.opened()).as("a stream in between").hasSize(1);
        gate.accept();
        assertThat(old.heard()).anyMatch(line -> line.startsWith("CONFIRM 1"));

        granted(1);
        assertThat(reachable.told()).containsExactly("up", "up");
        assertThat(old.heard()).containsExactly("GLOBAL drain@ugate.dev true");
        asksFor(old, 2);
        assertThat(old.heard()).containsExactly("FAIL 2 4 draining");
        assertThat(old.engine.live()).as("what runs goes on").isOne();
        gate.stream().channel().close();
        old.closes(0).heard();
        assertThat(old.ending()).hasMessageContaining("going away");
        old.close();
        loop.pass(BACKOFF);
        connection(1);
        assertThat(reachable.told()).as("never down").containsExactly("up", "up");
        asksFor(connection(1), 1);
        assertThat(gate.opened()).hasSize(2);
    }

    @Test
    void aGatewayThatLeavesIsReplacedBeforeItIsGone() {
        Talk old = connection(0);
        old.asks(NodeNames.DRAIN, true, out -> {});
        assertThat(old.heard()).containsExactly("GRANTED");
        replaced(old);
    }

    /** As when the certificate was renewed that the node showed. */
    @Test
    void aConnectionThatThisEndIsToLeaveIsReplacedFirst() {
        Talk old = connection(0);
        old.engine.drain();
        assertThat(old.engine.isDraining()).isFalse();
        replaced(old);
    }

    @Test
    void aGatewayThatLeavesAndDoesNotTakeTheNodeAgainIsKept() {
        Talk old = connection(0);
        old.asks(NodeNames.DRAIN, true, out -> {}).heard();
        loop.pass(BACKOFF);
        connection(1).say(Message.REQUEST_FAILURE, out -> {});
        assertThat(connection(1).ending()).hasMessageContaining("does not let this node have its names");
        connection(1).close();
        assertThat(reachable.told()).containsExactly("up");
        asksFor(old, 1);
        assertThat(gate.opened()).hasSize(1);
        loop.pass(BACKOFF);
        granted(2);
        assertThat(reachable.told()).containsExactly("up", "up");
    }

    @Test
    void aNodeThatStopsSaysSo() {
        mooring.close();
        loop.runPendingTasks();
        assertThat(connection(0).heard()).first().isEqualTo("GLOBAL drain@ugate.dev true");
        assertThat(connection(0).ending()).hasMessageContaining("going away");
    }
}
