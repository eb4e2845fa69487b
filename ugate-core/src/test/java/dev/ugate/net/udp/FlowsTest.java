package dev.ugate.net.udp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.HostPort;
import dev.ugate.model.Intent;
import dev.ugate.model.Refusal;
import dev.ugate.model.Shape;
import dev.ugate.spi.Connection;
import dev.ugate.testing.FakeGate;
import dev.ugate.testing.Listening;
import dev.ugate.testing.Sink;
import dev.ugate.testing.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FlowsTest {
    private final Wire owner = Wire.local(Listening.open());
    private final FakeGate gate = new FakeGate();
    private final Answers answers = new Answers();
    private final Flows<String> flows = new Flows<>(owner, gate, answers, 2);

    /** A client whose keys are names and who keeps what comes back. */
    private final class Answers implements Client<String> {
        final List<String> back = new ArrayList<>();
        boolean full;

        @Override
        public Object source(String key) {
            return key.charAt(0);
        }

        @Override
        public Connection connection(String key) {
            return Connection.of(owner);
        }

        @Override
        public Intent intent(String key) {
            return new Intent("udp", connection(key).peer(), new HostPort(key, 53), Shape.DATAGRAMS, Map.of());
        }

        @Override
        public boolean send(String key, Channel upstream, ByteBuf payload) {
            if (!full) {
                back.add(key + ":" + payload.toString(StandardCharsets.US_ASCII));
            }
            return !full;
        }
    }

    private void deliver(String key, String payload) {
        flows.deliver(key, datagram(payload));
        owner.runPendingTasks();
    }

    private ByteBuf datagram(String payload) {
        return owner.alloc().buffer().writeBytes(payload.getBytes(StandardCharsets.US_ASCII));
    }

    private void answer(String payload) {
        gate.stream().channel().writeAndFlush(datagram(payload));
    }

    private static List<String> texts(Sink sink) {
        return sink.messages().stream()
                .map(bytes -> new String(bytes, StandardCharsets.US_ASCII))
                .toList();
    }

    @AfterEach
    void nothingIsLeft() {
        flows.close();
        owner.runPendingTasks();
        assertThat(flows.size()).isZero();
        owner.close();
        assertThat(owner.tally().live()).isEmpty();
    }

    @Test
    void opensOneStreamForAllDatagramsOfAKey() {
        deliver("a", "one");
        deliver("a", "two");
        deliver("b", "three");
        assertThat(gate.opened()).hasSize(2);
        assertThat(gate.opened().get(0).intent().shape()).isEqualTo(Shape.DATAGRAMS);
        assertThat(gate.opened().get(0).intent().target()).hasToString("a:53");
        assertThat(flows.carried()).isEqualTo(3);
    }

    @Test
    void keepsBoundariesOfWhatWaitedForTheDial() {
        deliver("a", "one");
        deliver("a", "two");
        Sink sink = gate.accept();
        owner.runPendingTasks();
        deliver("a", "three");
        assertThat(texts(sink)).containsExactly("one", "two", "three");
    }

    @Test
    void sendsAnswersBackUnderTheirKey() {
        deliver("a", "ask");
        gate.accept();
        answer("yes");
        answer("indeed");
        assertThat(answers.back).containsExactly("a:yes", "a:indeed");
    }

    @Test
    void dropsAndCountsWhatTheQueueCannotHold() {
        for (int i = 0; i < 70; i++) {
            deliver("a", "x" + i);
        }
        assertThat(flows.dropped()).isEqualTo(6);
        Sink sink = gate.accept();
        owner.runPendingTasks();
        assertThat(texts(sink)).hasSize(64).startsWith("x0").endsWith("x63");
    }

    @Test
    void dropsAndCountsAnswersThatCannotBeSent() {
        deliver("a", "ask");
        gate.accept();
        answers.full = true;
        answer("yes");
        assertThat(flows.dropped()).isOne();
        assertThat(answers.back).isEmpty();
    }

    @Test
    void holdsAtMostItsLimitOfFlowsOfASource() {
        deliver("a1", "x");
        deliver("a2", "x");
        deliver("a3", "x");
        deliver("b1", "x");
        assertThat(gate.opened())
                .extracting(stream -> stream.intent().target().host())
                .containsExactly("a1", "a2", "b1");
        assertThat(flows.dropped()).isOne();
    }

    @Test
    void holdsAtMostFourTimesItsLimitOfAllSources() {
        for (String key : List.of("a", "b", "c", "d", "e", "f", "g", "h", "i")) {
            deliver(key, "x");
        }
        assertThat(flows.size()).isEqualTo(8);
        assertThat(flows.dropped()).isOne();
    }

    @Test
    void endsAFlowAfterAMinuteOfSilence() {
        deliver("a", "one");
        Sink sink = gate.accept();
        owner.pass(Duration.ofSeconds(45));
        answer("still here");
        owner.pass(Duration.ofSeconds(45));
        assertThat(gate.stream().channel().isOpen()).isTrue();
        owner.pass(Duration.ofSeconds(30));
        assertThat(sink.ended()).isTrue();
        assertThat(gate.stream().channel().isOpen()).isFalse();
        assertThat(flows.size()).isZero();
    }

    @Test
    void opensAnewAfterAFlowEnded() {
        deliver("a", "one");
        gate.accept();
        gate.stream().channel().close();
        deliver("a", "two");
        assertThat(gate.opened()).hasSize(2);
        assertThat(texts(gate.accept())).isEmpty();
        owner.runPendingTasks();
    }

    @Test
    void swallowsDatagramsOfARefusedFlowAndAsksAgainLater() {
        deliver("a", "one");
        gate.refuse(Refusal.DENIED);
        deliver("a", "two");
        deliver("a", "three");
        assertThat(gate.opened()).hasSize(1);
        assertThat(flows.dropped()).isEqualTo(2);
        owner.pass(Duration.ofSeconds(16));
        deliver("a", "four");
        assertThat(gate.opened()).hasSize(2);
    }

    @Test
    void endsEveryFlowWithItsOwner() {
        deliver("a", "one");
        Sink sink = gate.accept();
        deliver("b", "two");
        flows.close();
        owner.runPendingTasks();
        assertThat(sink.ended()).isTrue();
        assertThat(gate.opened())
                .allSatisfy(stream -> assertThat(stream.channel().isOpen()).isFalse());
        deliver("c", "late");
        assertThat(gate.opened()).hasSize(2);
        assertThat(flows.dropped()).isOne();
    }

    @Test
    void opensNothingNewWhileItDrains() {
        deliver("a", "one");
        gate.accept();
        flows.drain();
        deliver("b", "two");
        deliver("a", "three");
        assertThat(gate.opened()).hasSize(1);
        assertThat(flows.carried()).isEqualTo(2);
    }
}
