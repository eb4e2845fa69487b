package dev.ugate.protocols.ssh.channel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.HostPort;
import dev.ugate.model.Refusal;
import dev.ugate.net.reverse.Reverse;
import dev.ugate.protocols.ssh.server.Anybody;
import dev.ugate.protocols.ssh.server.ServerConnection;
import dev.ugate.protocols.ssh.server.Serving;
import dev.ugate.protocols.ssh.wire.Disconnect;
import dev.ugate.protocols.ssh.wire.Message;
import dev.ugate.spi.Fin;
import dev.ugate.spi.Stream;
import dev.ugate.testing.FakeGate;
import dev.ugate.testing.Sink;
import dev.ugate.testing.Wire;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class EngineTest {
    private static final int WINDOW = Bounds.STANDARD.window();

    private final FakeGate gate = new FakeGate();

    private Talk talk(String version) {
        return talk(Bounds.STANDARD, version);
    }

    private Talk talk(Bounds bounds, String version) {
        return new Talk(
                new ServerConnection(
                        Serving.streams(gate, new Reverse(() -> Reverse.Terms.NOBODY)),
                        new Anybody("alice", Optional.empty())),
                bounds,
                version);
    }

    private static void write(Stream stream, String text) {
        stream.channel().writeAndFlush(Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
    }

    private static String taken(Sink sink) {
        return new String(sink.taken(), StandardCharsets.UTF_8);
    }

    @Test
    void confirmsOnlyOnceTheUpstreamIsThere() {
        try (Talk talk = talk(Talk.OPENSSH)) {
            talk.asksFor(7, "DB.m", 5432, 1000);
            assertThat(talk.heard()).isEmpty();
            assertThat(gate.stream().intent().target()).isEqualTo(new HostPort("db.m", 5432));
            assertThat(gate.stream().intent().protocol()).isEqualTo("ssh");
            assertThat(gate.stream().intent().labels()).containsEntry("user", "alice");
            gate.accept();
            assertThat(talk.heard()).containsExactly("CONFIRM 7 0 " + WINDOW + " 32768");
        }
    }

    @ParameterizedTest
    @EnumSource(Refusal.class)
    void refusesWithTheCodeOfTheReason(Refusal reason) {
        int code =
                switch (reason) {
                    case UNAUTHENTICATED, DENIED, NO_ROUTE, LOOP -> 1;
                    case OVERLOADED, DRAINING -> 4;
                    default -> 2;
                };
        try (Talk talk = talk(Talk.OPENSSH)) {
            talk.asksFor(7, "db.m", 5432, 1000);
            gate.refuse(reason);
            assertThat(talk.heard()).containsExactly("FAIL 7 " + code + " " + reason.label());
            assertThat(talk.engine.live()).isZero();
            assertThat(Outcome.refused(code, reason.label()).reason()).isEqualTo(reason);
        }
    }

    @Test
    void tellsOnwardWhereAStreamCameThroughAndRefusesWhatComesBack() {
        try (Talk talk = talk(Talk.UGATE)) {
            asksThrough(talk, "2.0 there");
            assertThat(gate.stream().intent().fields().all("via")).containsExactly("2.0 there", "ssh here");
            assertThat(Hops.text(gate.stream().intent())).isEqualTo("2.0 there\nssh here");
            asksThrough(talk, "ssh here");
            asksThrough(talk, "a a\nb b\nc c\nd d\ne e");
            asksThrough(talk, "no protocol\u0001");
            assertThat(talk.heard()).containsExactly("FAIL 1 1 loop", "FAIL 1 1 loop", "FAIL 1 2 malformed");
        }
    }

    private static void asksThrough(Talk talk, String hops) {
        talk.asksFor(1, "direct-tcpip", 1000, out -> {
            Talk.string(out, "db.m");
            out.writeInt(80);
            Talk.string(out, "");
            out.writeInt(0);
            Talk.string(out, hops);
        });
    }

    @Test
    void carriesBothWaysAndEndsInEitherOrder() {
        for (boolean clientFirst : new boolean[] {true, false}) {
            try (Talk talk = talk(Talk.OPENSSH)) {
                talk.asksFor(7, "db.m", 5432, 1000);
                Sink sink = gate.accept();
                talk.heard();
                talk.says(0, "hello");
                write(gate.stream(), "world");
                assertThat(taken(sink)).isEqualTo("hello");
                assertThat(talk.heard()).containsExactly("DATA 7 world");
                if (clientFirst) {
                    talk.ends(0);
                    assertThat(sink.ended()).isTrue();
                    assertThat(talk.heard()).isEmpty();
                    write(gate.stream(), "more");
                    gate.stream().channel().writeAndFlush(Fin.FIN);
                    assertThat(talk.heard()).containsExactly("DATA 7 more", "EOF 7", "CLOSE 7");
                } else {
                    gate.stream().channel().writeAndFlush(Fin.FIN);
                    assertThat(talk.heard()).containsExactly("EOF 7");
                    talk.says(0, " again").ends(0);
                    assertThat(taken(sink)).isEqualTo("hello again");
                    assertThat(sink.ended()).isTrue();
                    assertThat(talk.heard()).containsExactly("CLOSE 7");
                }
                assertThat(talk.engine.live()).isOne();
                talk.closes(0);
                assertThat(talk.engine.live()).isZero();
                assertThat(talk.heard()).isEmpty();
            }
        }
    }

    @Test
    void neverSendsMoreThanThePeersWindow() {
        try (Talk talk = talk(Talk.OPENSSH)) {
            talk.asksFor(7, "db.m", 5432, 4);
            gate.accept();
            write(gate.stream(), "abcdefgh");
            assertThat(talk.heard()).endsWith("DATA 7 abcd");
            talk.widens(0, 3);
            assertThat(talk.heard()).containsExactly("DATA 7 efg");
            talk.widens(0, 100);
            assertThat(talk.heard()).containsExactly("DATA 7 h");
            talk.widens(0, -1);
            assertThat(talk.ending()).hasMessageContaining("more than 2^32-1");
        }
    }

    @Test
    void opensItsWindowInLargeStepsAndOnlyAsFastAsSomebodyReads() {
        try (Talk talk = talk(Talk.OPENSSH)) {
            talk.asksFor(7, "db.m", 5432, 1000);
            gate.accept();
            talk.heard();
            gate.stream().channel().config().setAutoRead(false);
            byte[] part = new byte[32768];
            List<byte[]> whole = new ArrayList<>();
            for (int sent = 0; sent < WINDOW; sent += part.length) {
                whole.add(Talk.data(0, part));
            }
            talk.say(whole);
            // The read that was under way when reading stopped takes one batch.
            assertThat(talk.heard()).isEmpty();
            gate.stream().channel().config().setAutoRead(true);
            assertThat(talk.heard()).containsExactly("ADJUST 7 " + 2 * WINDOW);
            for (int sent = 0; sent < WINDOW - part.length; sent += part.length) {
                talk.say(List.of(Talk.data(0, part)));
            }
            assertThat(talk.heard()).isEmpty();
            talk.say(List.of(Talk.data(0, part)));
            assertThat(talk.heard()).containsExactly("ADJUST 7 " + 3 * WINDOW);
        }
    }

    @Test
    void moreThanTheWindowEndsTheConnection() {
        try (Talk talk = talk(Talk.OPENSSH)) {
            talk.asksFor(7, "db.m", 5432, 1000);
            gate.accept();
            gate.stream().channel().config().setAutoRead(false);
            byte[] part = new byte[32768];
            for (int sent = 0; sent < WINDOW + part.length; sent += part.length) {
                talk.say(List.of(Talk.data(0, part)));
            }
            assertThat(talk.ending()).hasMessageContaining("more than its window");
            assertThat(gate.stream().channel().isOpen()).isFalse();
        }
    }

    @Test
    void smallPiecesThatNobodyReadsHoldLittle() {
        try (Talk talk = talk(Talk.OPENSSH)) {
            talk.asksFor(7, "db.m", 5432, 1000);
            Sink sink = gate.accept();
            gate.stream().channel().config().setAutoRead(false);
            int pieces = 20_000;
            List<byte[]> some = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                some.add(Talk.data(0, new byte[] {(byte) ('a' + i)}));
            }
            for (int i = 0; i < pieces; i += some.size()) {
                talk.say(some);
            }
            assertThat(((dev.ugate.net.foreign.ForeignChannel) gate.stream().channel()).waiting())
                    .isLessThan(10);
            talk.ends(0);
            gate.stream().channel().config().setAutoRead(true);
            talk.heard();
            assertThat(taken(sink)).hasSize(pieces).startsWith("abcdefghijabc").endsWith("ghij");
            assertThat(sink.ended()).isTrue();
        }
    }

    @Test
    void openSshMeansAnEndByItsClose() {
        try (Talk talk = talk(Talk.OPENSSH)) {
            talk.asksFor(7, "db.m", 5432, 1000);
            Sink sink = gate.accept();
            talk.heard();
            talk.says(0, "all").closes(0);
            assertThat(taken(sink)).isEqualTo("all");
            assertThat(sink.ended()).isTrue();
            assertThat(talk.heard()).containsExactly("CLOSE 7");
            assertThat(gate.stream().channel().isOpen()).isTrue();
            write(gate.stream(), "nobody hears it");
            assertThat(talk.heard()).isEmpty();
            write(gate.stream(), "x".repeat(2_000_000));
            talk.heard();
            assertThat(gate.stream().channel().isOpen()).isFalse();
        }
    }

    @Test
    void ugateMeansABreakByACloseWithoutAnEnd() {
        try (Talk talk = talk(Talk.UGATE)) {
            talk.asksFor(7, "db.m", 5432, 1000);
            Sink sink = gate.accept();
            talk.heard();
            talk.says(0, "all").closes(0);
            assertThat(talk.heard()).containsExactly("CLOSE 7");
            assertThat(sink.ended()).isFalse();
            assertThat(gate.stream().channel().isOpen()).isFalse();
        }
    }

    @Test
    void aBreakOfOursIsACloseWithoutAnEnd() {
        try (Talk talk = talk(Talk.UGATE)) {
            talk.asksFor(7, "db.m", 5432, 1000);
            gate.accept();
            talk.heard();
            gate.stream().channel().close();
            assertThat(talk.heard()).containsExactly("CLOSE 7");
            talk.says(0, "on its way").ends(0).closes(0);
            assertThat(talk.engine.live()).isZero();
        }
    }

    @Test
    void whoWantsNoMoreIsSentNoMoreButMayGoOn() {
        try (Talk talk = talk(Talk.OPENSSH)) {
            talk.asksFor(7, "db.m", 5432, 1000);
            Sink sink = gate.accept();
            talk.heard();
            talk.requests(0, "eow@openssh.com", false);
            write(gate.stream(), "unheard");
            talk.says(0, "on it goes");
            assertThat(talk.heard()).isEmpty();
            assertThat(taken(sink)).isEqualTo("on it goes");
        }
    }

    @Test
    void takesSoManyChannelsAtOnce() {
        Bounds two = new Bounds(2, 100, WINDOW, WINDOW, WINDOW, Bounds.STANDARD.pace());
        try (Talk talk = talk(two, Talk.OPENSSH)) {
            for (int i = 0; i < 3; i++) {
                talk.asksFor(i, "db.m", 5432, 1000);
            }
            assertThat(talk.heard()).containsExactly("FAIL 2 4 overloaded");
            gate.refuse(Refusal.UNREACHABLE);
            talk.heard();
            talk.asksFor(3, "db.m", 5432, 1000);
            assertThat(talk.heard()).isEmpty();
        }
    }

    @Test
    void channelsShareOneBudget() {
        Bounds little = new Bounds(128, 100, WINDOW, WINDOW, WINDOW, Bounds.STANDARD.pace());
        try (Talk talk = talk(little, Talk.OPENSSH)) {
            for (int i = 0; i < 3; i++) {
                talk.asksFor(i, "db.m", 5432, 1000);
                gate.accept();
            }
            assertThat(talk.heard())
                    .containsExactly(
                            "CONFIRM 0 0 " + WINDOW + " 32768",
                            "CONFIRM 1 1 " + 2 * Inflow.LEAST + " 32768",
                            "CONFIRM 2 2 " + Inflow.LEAST + " 32768");
            talk.closes(0).asksFor(3, "db.m", 5432, 1000);
            gate.accept();
            assertThat(talk.heard()).endsWith("CONFIRM 3 3 " + WINDOW + " 32768");
        }
    }

    @Test
    void refusesWhatItDoesNotKnow() {
        try (Talk talk = talk(Talk.OPENSSH)) {
            talk.asksFor(4, "tun@openssh.com", 1000, out -> out.writeInt(1).writeInt(0));
            talk.asks("nonsense@example.org", true, out -> {});
            talk.asks("nonsense@example.org", false, out -> {});
            talk.asks("keepalive@openssh.com", true, out -> {});
            talk.asksFor(7, "db.m", 5432, 1000);
            gate.accept();
            talk.requests(1, "nonsense", true)
                    .requests(1, "nonsense", false)
                    .requests(1, "keepalive@openssh.com", true);
            assertThat(talk.heard())
                    .containsExactly(
                            "FAIL 4 3 unknown channel type",
                            "DENIED",
                            "DENIED",
                            "CONFIRM 7 1 " + WINDOW + " 32768",
                            "NO 7",
                            "NO 7");
        }
    }

    @Test
    void malformedTargetsAreRefusedOnTheirChannel() {
        try (Talk talk = talk(Talk.OPENSSH)) {
            talk.asksFor(1, "two words", 80, 1000);
            talk.asksFor(2, "db.m", 0, 1000);
            talk.asksFor(3, "db.m", 65536, 1000);
            assertThat(talk.heard()).containsExactly("FAIL 1 2 malformed", "FAIL 2 2 malformed", "FAIL 3 2 malformed");
            assertThat(gate.opened()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                Message.CHANNEL_DATA,
                Message.CHANNEL_EOF,
                Message.CHANNEL_CLOSE,
                Message.CHANNEL_WINDOW_ADJUST,
                Message.CHANNEL_REQUEST,
                Message.CHANNEL_OPEN_CONFIRMATION,
                Message.CHANNEL_OPEN_FAILURE
            })
    void nothingMayBeSaidOnAChannelThatIsNotThere(int message) {
        for (boolean offered : new boolean[] {false, true}) {
            try (Talk talk = talk(Talk.OPENSSH)) {
                if (offered) {
                    talk.asksFor(7, "db.m", 5432, 1000);
                }
                talk.say(message, out -> out.writeInt(0).writeZero(12));
                assertThat(talk.ending().code()).isEqualTo(Disconnect.PROTOCOL_ERROR);
            }
        }
    }

    @Test
    void truncatedMessagesEndTheConnection() {
        for (int message :
                new int[] {Message.CHANNEL_OPEN, Message.CHANNEL_DATA, Message.CHANNEL_REQUEST, Message.GLOBAL_REQUEST
                }) {
            for (int length = 0; length < 8; length++) {
                int zeros = length;
                try (Talk talk = talk(Talk.OPENSSH)) {
                    talk.say(message, out -> {
                        out.writeZero(Math.min(zeros, 3));
                        out.writeBytes(new byte[] {9, 'a', 'b', 'c', 'd'}, 0, Math.max(0, zeros - 3));
                    });
                    assertThat(talk.ending().code()).isEqualTo(Disconnect.PROTOCOL_ERROR);
                }
            }
        }
    }

    @Test
    void tooManyRequestsEndTheConnection() {
        try (Talk talk = talk(Talk.OPENSSH)) {
            for (int i = 0; i < 100; i++) {
                talk.asks("nonsense@example.org", true, out -> {});
            }
            assertThat(talk.heard()).hasSize(100);
            talk.pass(Duration.ofSeconds(11));
            for (int i = 0; i < 101; i++) {
                talk.asks("nonsense@example.org", true, out -> {});
            }
            assertThat(talk.ending()).hasMessageContaining("requests: more than 100");
        }
    }

    @Test
    void channelsTakeTurnsWhenTheSocketIsFull() {
        try (Talk talk = talk(Talk.OPENSSH)) {
            List<Stream> streams = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                talk.asksFor(i, "db.m", 5432, 10_000_000);
                gate.accept();
                streams.add(gate.stream());
            }
            talk.heard();
            talk.packets.exchange(true);
            streams.forEach(stream -> write(stream, "x".repeat(200_000)));
            assertThat(talk.heard()).isEmpty();
            talk.packets.exchange(false);
            List<String> order =
                    talk.heard().stream().map(said -> said.substring(0, 6)).toList();
            assertThat(order).hasSize(2 * 7);
            assertThat(order.subList(0, 4)).containsExactly("DATA 0", "DATA 0", "DATA 1", "DATA 1");
        }
    }

    @Test
    void aLostConnectionBreaksItsStreams() {
        try (Talk talk = talk(Talk.OPENSSH)) {
            talk.asksFor(7, "db.m", 5432, 1000);
            Sink sink = gate.accept();
            talk.asksFor(8, "db.m", 5432, 1000);
            talk.wire.close();
            talk.wire.runPendingTasks();
            assertThat(sink.ended()).isFalse();
            assertThat(gate.opened()).allMatch(stream -> !stream.channel().isOpen());
            gate.accept(gate.stream(), Wire.upstream());
        }
    }
}
