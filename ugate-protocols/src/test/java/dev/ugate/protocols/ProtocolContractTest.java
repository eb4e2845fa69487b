package dev.ugate.protocols;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Refusal;
import dev.ugate.net.tls.Certificates;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Fin;
import dev.ugate.spi.Protocol;
import dev.ugate.spi.Sniffer;
import dev.ugate.spi.Verdict;
import dev.ugate.testing.Sample;
import dev.ugate.testing.Sample.Outcome;
import dev.ugate.testing.Sink;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What every entry of {@link Protocols} owes; a new protocol is tested by its line there and its folder of samples. */
class ProtocolContractTest {
    private static final byte[] PAYLOAD = "the first words of the payload\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NONE = {};

    /** No handshake may hold more: the largest, a TLS ClientHello, is 64 KiB, and a buffer doubles as it grows. */
    private static final int MOST_READ = 160 << 10;

    private static final int MOST_HELD = 512 << 10;

    static final List<Protocol> REGISTRY = Protocols.all(Certificates.NONE);
    static final List<String> WORDS = REGISTRY.stream().map(Protocol::name).toList();

    /** {@code -Dugate.protocols=WORD,WORD} plays the samples of these only, {@code proxy} and another for instance. */
    private static final List<String> CHOSEN = List.of(
            System.getProperty("ugate.protocols", String.join(",", WORDS)).split(","));

    static Stream<Case> samples() {
        return REGISTRY.stream()
                .filter(protocol -> CHOSEN.contains(protocol.name()))
                .flatMap(protocol -> Sample.of(protocol.name()).stream().map(sample -> new Case(protocol, sample)));
    }

    static Stream<Case> sniffed() {
        return samples().filter(one -> one.protocol().sniffer() != Sniffer.NEVER);
    }

    /** A protocol that is never guessed has to be demanded of some connections, or nobody would ever be served. */
    static Stream<Case> demanded() {
        return samples().filter(one -> one.protocol().sniffer() == Sniffer.NEVER);
    }

    static Stream<Case> conversations() {
        return samples().filter(one -> one.sample().outcome().isPresent());
    }

    static Stream<Case> carried() {
        return samples().filter(one -> List.of("open", "pass", "enter").contains(one.verb()));
    }

    static Stream<Case> answered() {
        return samples().filter(one -> List.of("open", "pass", "ask").contains(one.verb()));
    }

    @Test
    void everyWordIsUsedOnce() {
        assertThat(WORDS).doesNotHaveDuplicates().allMatch(word -> word.matches("[a-z][a-z0-9-]*"));
    }

    @ParameterizedTest
    @FieldSource("WORDS")
    void hasAPageAndTwoSamples(String word) {
        Path page = Sample.root().resolveSibling("docs").resolve("protocols").resolve(word + ".md");
        assertThat(Files.exists(page)).as("%s", page).isTrue();
        assertThat(Sample.of(word)).as("samples of %s", word).hasSizeGreaterThanOrEqualTo(2);
    }

    @ParameterizedTest
    @MethodSource("sniffed")
    void matchesItsSampleAndMismatchesNoPrefix(Case one) {
        byte[] head = one.sample().head();
        for (int length = 1; length <= head.length; length++) {
            assertThat(Sniffing.peek(one.protocol(), head, length))
                    .as("%d bytes", length)
                    .isNotEqualTo(Verdict.MISMATCH);
        }
        assertThat(Sniffing.peek(one.protocol(), head, head.length)).isEqualTo(Verdict.MATCH);
    }

    @ParameterizedTest
    @MethodSource("sniffed")
    void isTheFirstInTheRegistryToMatchItsSample(Case one) {
        byte[] head = one.sample().head();
        assertThat(Sniffing.detect(REGISTRY, head)).contains(one.protocol().name());
    }

    @ParameterizedTest
    @MethodSource("demanded")
    void isDemandedOnceAndOnlyByItself(Case one) {
        try (Conversation talk = one.begin()) {
            Connection connection = Connection.of(talk.wire);
            assertThat(one.protocol().demanded(connection)).isTrue();
            assertThat(one.protocol().demanded(connection.deeper())).isFalse();
            assertThat(REGISTRY).filteredOn(other -> other.demanded(connection)).containsExactly(one.protocol());
        }
    }

    @ParameterizedTest
    @MethodSource("demanded")
    void isServedWithoutSniffingWhereItIsDemanded(Case one) {
        try (Conversation talk = one.enter(REGISTRY).play()) {
            assertThat(talk.notes.detected()).containsExactly(one.protocol().name());
            assertThat(talk.outcome()).isEqualTo(wanted(one));
        }
    }

    @ParameterizedTest
    @MethodSource("demanded")
    void isNeverGuessed(Case one) {
        assertThat(Sniffing.detect(REGISTRY, one.sample().head()))
                .isNotEqualTo(Optional.of(one.protocol().name()));
    }

    @ParameterizedTest
    @MethodSource("conversations")
    void comesToWhatTheSampleSays(Case one) {
        try (Conversation talk = one.begin().play()) {
            assertThat(talk.outcome()).isEqualTo(wanted(one));
            if (!talk.gate.opened().isEmpty()) {
                talk.gate.accept();
            }
            if (!one.verb().equals("ask")) {
                talk.hearsTheRest();
                assertThat(talk.wire.sawEnd()).isEqualTo(one.verb().equals("refused"));
            }
        }
    }

    private static String wanted(Case one) {
        Outcome outcome = one.sample().outcome().orElseThrow();
        String verb = outcome.verb().equals("pass") ? "open" : outcome.verb();
        return (verb + " " + outcome.detail()).strip();
    }

    @ParameterizedTest
    @MethodSource("conversations")
    void splitAtEveryByteComesToTheSame(Case one) {
        for (int cut = 1; cut < one.sample().sent().length; cut++) {
            try (Conversation talk = one.begin().play(cut, NONE)) {
                assertThat(talk.outcome()).as("split at %d", cut).isEqualTo(wanted(one));
                if (!talk.gate.opened().isEmpty()) {
                    talk.gate.accept();
                    talk.hearsTheRest();
                }
            }
        }
        try (Conversation talk = one.begin().playFirst(one.sample().sent().length)) {
            assertThat(talk.outcome()).as("byte by byte").isEqualTo(wanted(one));
        }
    }

    @ParameterizedTest
    @MethodSource("carried")
    void payloadInTheSamePacketArrivesIntact(Case one) {
        for (int cut = 0; cut < one.sample().sent().length; cut++) {
            try (Conversation talk = one.begin().play(cut, PAYLOAD)) {
                assertThat(talk.outcome()).as("split at %d", cut).isEqualTo(wanted(one));
                Sink sink = talk.carry();
                talk.hearsTheRest();
                talk.wire.send(PAYLOAD);
                assertThat(hex(sink)).as("split at %d", cut).isEqualTo(carried(one, PAYLOAD, PAYLOAD));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("carried")
    void clientMayEndFirst(Case one) {
        try (Conversation talk = one.begin().play(0, PAYLOAD)) {
            Sink sink = talk.carry();
            talk.hearsTheRest();
            talk.wire.sendFin();
            assertThat(hex(sink)).isEqualTo(carried(one, PAYLOAD));
            assertThat(sink.ended()).isTrue();
            assertThat(talk.wire.sawEnd()).isFalse();
            answerAndEnd(talk);
        }
    }

    @ParameterizedTest
    @MethodSource("carried")
    void clientMayEndBeforeItIsAccepted(Case one) {
        try (Conversation talk = one.begin().play(0, PAYLOAD)) {
            talk.wire.sendFin();
            Sink sink = talk.carry();
            talk.hearsTheRest();
            assertThat(hex(sink)).isEqualTo(carried(one, PAYLOAD));
            assertThat(sink.ended()).isTrue();
            answerAndEnd(talk);
        }
    }

    @ParameterizedTest
    @MethodSource("carried")
    void serverMayEndFirst(Case one) {
        try (Conversation talk = one.begin().play()) {
            Sink sink = talk.carry();
            talk.hearsTheRest();
            answerAndEnd(talk);
            talk.wire.send(PAYLOAD).sendFin();
            assertThat(hex(sink)).isEqualTo(carried(one, PAYLOAD));
            assertThat(sink.ended()).isTrue();
        }
    }

    private static void answerAndEnd(Conversation talk) {
        Channel channel =
                talk.gate.opened().isEmpty() ? talk.wire : talk.gate.stream().channel();
        channel.write(Unpooled.copiedBuffer(PAYLOAD));
        channel.writeAndFlush(Fin.FIN);
        assertThat(talk.wire.heard()).isEqualTo(ByteBufUtil.hexDump(PAYLOAD));
        assertThat(talk.wire.sawEnd()).isTrue();
    }

    @ParameterizedTest
    @MethodSource("answered")
    void everyRefusalHasALegalAnswer(Case one) {
        Refusals golden = Refusals.of(one.sample());
        for (Refusal reason : Refusal.values()) {
            Refusals.Answer answer = golden.answers().get(reason);
            assertThat(answer).as("%s: %s", golden.file(), reason).isNotNull();
            try (Conversation talk = one.begin().play(0, NONE)) {
                talk.gate.refuse(reason);
                talk.hears(answer.words());
                assertThat(talk.wire.sawEnd())
                        .as("%s: connection ended", reason)
                        .isEqualTo(!answer.keep());
                talk.wire.send(PAYLOAD).sendFin();
                talk.wire.pass(Duration.ofSeconds(2));
                assertThat(talk.wire.isOpen()).as("%s: connection open", reason).isFalse();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("conversations")
    void abruptCloseInEveryStateLeavesNothing(Case one) {
        one.cuts().forEach(cut -> {
            try (Conversation talk = one.begin().playFirst(cut)) {
                talk.wire.close();
                if (!talk.gate.opened().isEmpty()) {
                    talk.gate.refuse(Refusal.CONNECTION_REFUSED);
                }
            }
        });
    }

    @ParameterizedTest
    @MethodSource("answered")
    void closeWhileDiallingAndWhileCarryingLeavesNothing(Case one) {
        try (Conversation talk = one.begin().play(0, PAYLOAD)) {
            if (!talk.gate.opened().isEmpty()) {
                talk.wire.close();
                talk.gate.accept();
            }
        }
        try (Conversation talk = one.begin().play(0, PAYLOAD)) {
            if (!talk.gate.opened().isEmpty()) {
                talk.gate.accept();
                talk.wire.close();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("conversations")
    void clientThatEndsOrFallsSilentHalfWayIsClosed(Case one) {
        one.cuts().filter(cut -> cut > 0).forEach(cut -> {
            try (Conversation talk = one.begin().playFirst(cut)) {
                if (!talk.isDecided()) {
                    talk.wire.pass(Duration.ofSeconds(11));
                    assertThat(talk.wire.sawEnd())
                            .as("silent after %d bytes", cut)
                            .isTrue();
                    talk.wire.pass(Duration.ofSeconds(2));
                    assertThat(talk.wire.isOpen())
                            .as("silent after %d bytes", cut)
                            .isFalse();
                }
            }
            try (Conversation talk = one.begin().playFirst(cut)) {
                if (!talk.isDecided()) {
                    talk.wire.sendFin();
                    assertThat(talk.wire.sawEnd())
                            .as("ended after %d bytes", cut)
                            .isTrue();
                }
            }
        });
    }

    @ParameterizedTest
    @MethodSource("conversations")
    void endlessHandshakeIsRefusedWithinItsLimit(Case one) {
        one.cuts().forEach(cut -> {
            for (int filler : new int[] {0xFF, 'a', 0}) {
                endless(one, cut, filler);
            }
        });
    }

    private static void endless(Case one, int cut, int filler) {
        byte[] packet = new byte[4 << 10];
        Arrays.fill(packet, (byte) filler);
        try (Conversation talk = one.begin().playFirst(cut)) {
            for (int read = 0; read < MOST_READ && !talk.isDecided(); read += packet.length) {
                talk.wire.send(packet);
                assertThat(talk.wire.tally().held())
                        .as("%d bytes, then %02x", cut, filler)
                        .isLessThan(MOST_HELD);
            }
            assertThat(talk.isDecided())
                    .as("%d bytes, then %02x without end", cut, filler)
                    .isTrue();
        }
    }

    private static String hex(Sink sink) {
        return ByteBufUtil.hexDump(sink.taken());
    }

    /** What has to arrive behind the gate: a protocol that only peeks consumed nothing. */
    private static String carried(Case one, byte[]... payloads) {
        StringBuilder hex = new StringBuilder(
                one.verb().equals("pass") ? ByteBufUtil.hexDump(one.sample().sent()) : "");
        Stream.of(payloads).forEach(payload -> hex.append(ByteBufUtil.hexDump(payload)));
        return hex.toString();
    }
}
