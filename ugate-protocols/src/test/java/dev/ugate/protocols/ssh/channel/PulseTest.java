package dev.ugate.protocols.ssh.channel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.net.Listener;
import dev.ugate.net.reverse.Reverse;
import dev.ugate.protocols.ssh.server.Anybody;
import dev.ugate.protocols.ssh.server.ServerConnection;
import dev.ugate.protocols.ssh.server.Serving;
import dev.ugate.protocols.ssh.wire.Disconnect;
import dev.ugate.protocols.ssh.wire.Message;
import dev.ugate.spi.Fin;
import dev.ugate.testing.FakeGate;
import dev.ugate.testing.Sink;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** How long a connection lasts: for as long as its peer shows that it lives, and until it is to leave and nothing runs on it. */
final class PulseTest {
    private final FakeGate gate = new FakeGate();

    private Talk talk(String version) {
        ServerConnection.Means means = Serving.streams(gate, new Reverse(() -> Reverse.Terms.NOBODY));
        return new Talk(new ServerConnection(means, new Anybody("alice", Optional.empty())), Bounds.STANDARD, version);
    }

    @Test
    void asksASilentPeerForASignOfLifeAndGivesUp() {
        try (Talk talk = talk(Talk.OPENSSH)) {
            for (int i = 0; i < 3; i++) {
                talk.pass(Duration.ofSeconds(20));
                assertThat(talk.heard()).containsExactly("GLOBAL keepalive@openssh.com true");
                assertThat(talk.wire.isOpen()).isTrue();
            }
            talk.pass(Duration.ofSeconds(20));
            assertThat(talk.ending()).hasMessageContaining("no sign of life");
        }
    }

    @Test
    void anotherPaceCountsFromNowOn() {
        try (Talk talk = talk(Talk.UGATE)) {
            talk.engine.keep(new Bounds.Pace(Duration.ofSeconds(2), 1, "reversePatience"));
            talk.pass(Duration.ofSeconds(2));
            assertThat(talk.heard()).containsExactly("GLOBAL keepalive@openssh.com true");
            talk.say(Message.REQUEST_FAILURE, out -> {}).pass(Duration.ofSeconds(2));
            assertThat(talk.wire.isOpen()).isTrue();
            talk.pass(Duration.ofSeconds(2)).pass(Duration.ofSeconds(2));
            assertThat(talk.ending()).hasMessageContaining("limit reversePatience: no sign of life within 2 × 2000ms");
        }
    }

    @Test
    void anyAnswerIsASignOfLife() {
        try (Talk talk = talk(Talk.OPENSSH)) {
            for (int i = 0; i < 10; i++) {
                talk.pass(Duration.ofSeconds(20));
                if (!talk.heard().isEmpty()) {
                    talk.say(i % 4 == 0 ? Message.REQUEST_FAILURE : Message.REQUEST_SUCCESS, out -> {});
                }
            }
            assertThat(talk.wire.isOpen()).isTrue();
            talk.say(Message.REQUEST_SUCCESS, out -> {});
            assertThat(talk.wire.isOpen()).isTrue();
        }
    }

    @Test
    void leavesWhenItsLastChannelEnded() {
        try (Talk talk = talk(Talk.OPENSSH)) {
            talk.asksFor(7, "db.m", 5432, 1000);
            gate.accept();
            talk.heard();
            talk.wire.pipeline().fireUserEventTriggered(Listener.DRAINING);
            talk.asksFor(8, "db.m", 5432, 1000);
            assertThat(talk.heard()).containsExactly("FAIL 8 4 draining");
            talk.says(0, "still").ends(0);
            gate.stream().channel().writeAndFlush(Fin.FIN);
            talk.heard();
            assertThat(talk.wire.isOpen()).isTrue();
            talk.closes(0);
            talk.heard();
            assertThat(talk.ending().code()).isEqualTo(Disconnect.BY_APPLICATION);
        }
    }

    /** Bytes, end and close in one packet of the network, and the connection ends with them: who waits for them reads them. */
    @Test
    void whatCameWithTheEndOfTheConnectionIsRead() {
        try (Talk talk = talk(Talk.UGATE)) {
            talk.asksFor(7, "db.m", 5432, 1000);
            Sink sink = gate.accept();
            gate.stream().channel().read();
            talk.wire.pipeline().fireUserEventTriggered(Listener.DRAINING);
            gate.stream().channel().writeAndFlush(Fin.FIN);
            talk.say(List.of(
                    Talk.data(0, "last".getBytes(StandardCharsets.UTF_8)),
                    Talk.message(Message.CHANNEL_EOF, out -> out.writeInt(0)),
                    Talk.message(Message.CHANNEL_CLOSE, out -> out.writeInt(0))));
            talk.heard();
            assertThat(talk.ending().code()).isEqualTo(Disconnect.BY_APPLICATION);
            assertThat(new String(sink.taken(), StandardCharsets.UTF_8)).isEqualTo("last");
            gate.stream().channel().read();
            talk.wire.runPendingTasks();
            assertThat(sink.ended()).isTrue();
        }
    }

    @Test
    void leavesAtOnceWithoutAChannel() {
        try (Talk talk = talk(Talk.OPENSSH)) {
            talk.wire.pipeline().fireUserEventTriggered(Listener.DRAINING);
            talk.heard();
            assertThat(talk.ending().code()).isEqualTo(Disconnect.BY_APPLICATION);
        }
    }
}
