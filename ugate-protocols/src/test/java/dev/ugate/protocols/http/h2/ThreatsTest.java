package dev.ugate.protocols.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.http.Fields;
import dev.ugate.protocols.http.semantics.Intake;
import dev.ugate.spi.Exchange;
import dev.ugate.testing.FakeGate;
import dev.ugate.testing.Listening;
import dev.ugate.testing.Notes;
import dev.ugate.testing.Wire;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The rows of the threat model that are HTTP/2's own, T50 to T60. */
final class ThreatsTest {
    private static final int PROTOCOL_ERROR = 1;
    private static final int FLOW_CONTROL_ERROR = 3;
    private static final int STREAM_CLOSED = 5;
    private static final int REFUSED_STREAM = 7;
    private static final int CALM = 11;

    private final FakeGate gate = new FakeGate();
    private final Notes notes = new Notes();
    private Frames frames = new Frames();
    private Wire wire = Wire.local(Listening.open().journal(notes));

    @BeforeEach
    void begin() {
        ServerConnection.serve(wire, gate, new Intake("me"));
        wire.send(Frames.PREFACE).send(Frames.settings()).send(Frames.settingsAck());
        heard();
    }

    @AfterEach
    void leavesNothing() {
        wire.close();
        wire.heard();
        wire.checkException();
        assertThat(wire.tally().live()).isEmpty();
    }

    private List<String> heard() {
        return frames.read(wire.heardBytes());
    }

    private void endsWith(int code) {
        List<String> lines = heard();
        assertThat(lines).last().asString().startsWith("GOAWAY").endsWith(" " + code);
        assertThat(wire.sawEnd()).isTrue();
    }

    private void limited(String key) {
        endsWith(CALM);
        assertThat(notes.failed()).last().satisfies(why -> {
            assertThat(why.reason()).isEqualTo(Refusal.OVERLOADED);
            assertThat(why.text()).contains("limit " + key + ":");
        });
    }

    private void isMalformed(byte[] request) {
        wire.send(request);
        assertThat(heard()).containsExactly("RST 1 " + PROTOCOL_ERROR);
        assertThat(gate.asked()).isEmpty();
        assertThat(wire.sawEnd()).isFalse();
    }

    @Test
    void t50RapidResetEndsTheConnection() {
        for (int i = 0; i < 201 && !wire.sawEnd(); i++) {
            int id = 2 * i + 1;
            wire.send(frames.get(id, "/"));
            wire.send(Frames.reset(id, 8));
        }
        assertThat(gate.asked()).hasSize(201);
        limited("http2Resets");
    }

    @Test
    void t50WhatIsTakenBackAtOnceIsNeverAsked() {
        for (int i = 0; i < 201 && !wire.sawEnd(); i++) {
            int id = 2 * i + 1;
            wire.send(Frames.join(frames.get(id, "/"), Frames.reset(id, 8)));
        }
        assertThat(gate.asked()).isEmpty();
        limited("http2Resets");
    }

    @Test
    void t50ResetsNowAndThenAreFine() {
        for (int i = 0; i < 300; i++) {
            int id = 2 * i + 1;
            wire.send(Frames.join(frames.get(id, "/"), Frames.reset(id, 8)));
            wire.pass(Duration.ofMillis(200));
        }
        assertThat(wire.sawEnd()).isFalse();
    }

    /** A pool of somebody else's clients, or tunnels of a mesh, break off what was answered as often as those do. */
    @Test
    void t50ResetsOfWhatWasAnsweredAreFine() {
        for (int i = 0; i < 300; i++) {
            int id = 2 * i + 1;
            wire.send(frames.get(id, "/"));
            gate.exchange().reply(200, Fields.NONE, -1);
            wire.send(Frames.reset(id, 8));
        }
        assertThat(wire.sawEnd()).isFalse();
    }

    /** Found with grpc-go: deadlines that pass while an upstream is slow ended the connection, and every other call on it. */
    @Test
    void t50ResetsOfWhatWasWaitedForAreFine() {
        for (int i = 0; i < 500; i++) {
            wire.send(frames.get(2 * i + 1, "/"));
            if (i % 50 == 49) {
                wire.pass(Duration.ofMillis(100));
                for (int late = i - 49; late <= i; late++) {
                    wire.send(Frames.reset(2 * late + 1, 8));
                }
            }
        }
        assertThat(wire.sawEnd()).isFalse();
        assertThat(gate.asked()).hasSize(500);
    }

    @Test
    void t50ResetsOfWhatIsOverAreFramesThatCarryNothing() {
        wire.send(frames.get(1, "/"));
        gate.exchange().reply(204, Fields.NONE, 0);
        for (int i = 0; i < 110 && !wire.sawEnd(); i++) {
            wire.send(Frames.reset(1, 8));
        }
        limited("http2ControlFrames");
    }

    @Test
    void t51ResetsThatTheClientProvokesCountAlike() {
        for (int i = 0; i < 201 && !wire.sawEnd(); i++) {
            int id = 2 * i + 1;
            wire.send(Frames.join(frames.get(id, "/"), Frames.windowUpdate(id, 0)));
        }
        assertThat(gate.asked()).isEmpty();
        limited("http2Resets");
    }

    @Test
    void t52TinyHeaderListOfTheClientChangesNothing() {
        wire.send(Frames.settings(6, 1)).send(frames.get(1, "/"));
        gate.exchange().reply(204, Fields.NONE, 0);
        assertThat(heard()).contains("HEADERS 1 end :status=204");
    }

    @Test
    void t53ContinuationFloodEndsTheConnection() {
        wire.send(Frames.frame(1, 1, 1, frames.block(":method", "GET")));
        for (int i = 0; i < 9 && !wire.sawEnd(); i++) {
            wire.send(Frames.frame(9, 0, 1, new byte[0]));
        }
        limited("http2Continuations");
    }

    @Test
    void t53HeaderBlockWithoutEndIsBounded() {
        byte[] part = new byte[16_000];
        Arrays.fill(part, (byte) 0x82);
        wire.send(Frames.frame(1, 1, 1, part));
        wire.send(Frames.frame(9, 0, 1, part)).send(Frames.frame(9, 0, 1, part));
        limited("headBytes");
    }

    @Test
    void t53SlowHeaderBlockEndsTheConnection() {
        wire.send(frames.get(1, "/")).send(Frames.frame(1, 1, 3, frames.block(":method", "GET")));
        heard();
        wire.pass(Duration.ofSeconds(11));
        limited("requestHead");
    }

    @Test
    void t54ManyFieldsAreRefusedAfterDecoding() {
        String[] crumbs = new String[202];
        for (int i = 0; i < crumbs.length; i += 2) {
            crumbs[i] = "cookie";
            crumbs[i + 1] = "a";
        }
        wire.send(frames.get(1, "/", crumbs));
        assertThat(heard())
                .first()
                .asString()
                .startsWith("HEADERS 1 :status=431")
                .contains("limit headFields: ");
        assertThat(gate.asked()).isEmpty();
        wire.send(frames.get(3, "/"));
        assertThat(gate.asked()).hasSize(1);
    }

    @Test
    void t54ReferencesToOneLargeFieldAreRefused() {
        byte[] head = frames.block(":method", "GET", ":scheme", "http", ":authority", "a", ":path", "/");
        byte[] large = frames.block("x-large", "v".repeat(500));
        byte[] bomb = new byte[2000];
        Arrays.fill(bomb, (byte) (0x80 | 62));
        wire.send(Frames.frame(1, 5, 1, Frames.join(head, large, bomb)));
        assertThat(heard()).first().asString().startsWith("HEADERS 1 :status=431");
    }

    @Test
    void t54HeadsOfOpenStreamsAreBoundedTogether() {
        String value = "v".repeat(400);
        String[] more = new String[60];
        for (int i = 0; i < more.length; i += 2) {
            more[i] = "x-" + i;
            more[i + 1] = value;
        }
        int asked = 0;
        for (int id = 1; id < 61; id += 2) {
            wire.send(frames.get(id, "/", more));
            asked = gate.asked().size();
        }
        assertThat(asked).isBetween(15, 20);
        assertThat(heard()).contains("RST 59 " + REFUSED_STREAM);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4, 6, 8, 77})
    void t55ControlFramesWithoutDataEndTheConnection(int type) {
        wire.send(frames.get(1, "/"));
        byte[] frame =
                switch (type) {
                    case 2 -> Frames.frame(2, 0, 1, new byte[5]);
                    case 4 -> Frames.settings();
                    case 6 -> Frames.ping(false);
                    case 8 -> Frames.windowUpdate(0, 1);
                    default -> Frames.frame(type, 0, 0, new byte[1]);
                };
        for (int i = 0; i < 103 && !wire.sawEnd(); i++) {
            wire.send(frame);
        }
        limited("http2ControlFrames");
    }

    @Test
    void t55DownloadEarnsItsWindowUpdates() {
        wire.send(Frames.settings(4, 1 << 30)).send(Frames.windowUpdate(0, 1 << 30));
        wire.send(frames.get(1, "/"));
        Exchange exchange = gate.exchange();
        exchange.reply(200, Fields.NONE, -1);
        for (int i = 0; i < 500; i++) {
            exchange.request().body().writeAndFlush(Unpooled.wrappedBuffer(new byte[16_000]));
            heard();
            wire.send(Frames.windowUpdate(1, 1)).send(Frames.windowUpdate(0, 1));
        }
        assertThat(wire.sawEnd()).isFalse();
    }

    @Test
    void t56EmptyDataEndsTheConnection() {
        wire.send(frames.request(1, false, "POST", "/"));
        for (int i = 0; i < 3; i++) {
            wire.send(Frames.data(1, false, ""));
        }
        limited("http2EmptyData");
    }

    @Test
    void t57MalformedHeadsReachNobody() {
        isMalformed(frames.headers(1, true, ":method", "GET", ":scheme", "http", ":path", "/", "te", "gzip"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ":scheme=http,:path=/,:authority=a",
                ":method=GET,:path=/,:authority=a",
                ":method=GET,:scheme=http,:authority=a",
                ":method=GET,:scheme=http,:path=,:authority=a",
                ":method=GET,:scheme=http,:path=/,:path=/,:authority=a",
                ":method=GET,:scheme=http,:path=/,:authority=a,:status=200",
                ":method=GET,:scheme=http,:path=/,:authority=a,:protocol=websocket",
                ":method=GET,:scheme=http,x=y,:path=/,:authority=a",
                ":method=GET,:scheme=http,:path=/,:authority=a,connection=close",
                ":method=GET,:scheme=http,:path=/,:authority=a,transfer-encoding=chunked",
                ":method=GET,:scheme=http,:path=/,:authority=a,upgrade=h2c",
                ":method=GET,:scheme=http,:path=/,:authority=a,host=b",
                ":method=GET,:scheme=http,:path=/,:authority=a,host=a:81",
                ":method=GET,:scheme=http,:path=/,:authority=a,host=a b",
                ":method=GET,:scheme=http,:path=/,:authority=a,content-length=1",
                ":method=CONNECT,:scheme=http,:path=/,:authority=a:1",
                ":method=CONNECT",
                ":method=GET,:scheme=http,:path=/,:authority=a,X-Upper=1",
                ":method=GET,:scheme=http,:path=/,:authority=a,x=a\rb",
                ":method=GET,:scheme=http,:path=/,:authority=a,x=a\nb",
                ":method=GET,:scheme=http,:path=/,:authority=a,x=a\0b",
                ":method=GET,:scheme=http,:path=/,:authority= a",
                ":method=GET ,:scheme=http,:path=/,:authority=a",
                ":method=G T,:scheme=http,:path=/,:authority=a"
            })
    void t57MalformedRequestReachesNobody(String fields) {
        String[] pairs = Arrays.stream(fields.split(","))
                .flatMap(field -> Arrays.stream(
                        new String[] {field.substring(0, field.indexOf('=')), field.substring(field.indexOf('=') + 1)}))
                .toArray(String[]::new);
        isMalformed(frames.headers(1, true, pairs));
    }

    /** Clients of Go and gRPC send it; in HTTP/1.1 it does not count (RFC 9112 §5.1). The far table has it. */
    @Test
    void spaceAroundAValueIsNoPartOfIt() {
        for (int id = 1; id < 5; id += 2) {
            wire.send(frames.get(id, "/", "x", " a b\t ", "y", " ", "cookie", " c=d "));
            Fields fields = gate.exchange().request().fields();
            assertThat(fields.first("x")).contains("a b");
            assertThat(fields.first("y")).contains("");
            assertThat(fields.first("cookie")).contains("c=d");
        }
    }

    /** RFC 9113 §8.3.1: compared as they are normalised. */
    @ParameterizedTest
    @CsvSource({"a.b, A.B", "a.b, a.b:80", "a.b:80, a.b", "a.b., a.b", "[::1]:80, [0:0::1]"})
    void hostMayBeTheAuthorityInAnotherSpelling(String authority, String host) {
        wire.send(frames.headers(
                1, true, ":method", "GET", ":scheme", "http", ":path", "/", ":authority", authority, "host", host));
        assertThat(gate.asked()).hasSize(1);
    }

    /** Found by audit: to upstreams in HTTP/2 they went on, and whoever writes HTTP/1.1 there splits a request line in them (T41). */
    @ParameterizedTest
    @ValueSource(strings = {"/a b", "/a HTTP/1.1", "/a?b c", "/a\tb", "/\u00e4"})
    void t57PathsOfOtherThanVisibleAsciiReachNobody(String path) {
        wire.send(frames.get(1, path));
        assertThat(heard()).first().asString().startsWith("HEADERS 1 :status=400");
        assertThat(gate.asked()).isEmpty();
    }

    @Test
    void t57BodyOfAnotherLengthIsReset() {
        wire.send(frames.request(1, false, "POST", "/", "content-length", "3"));
        wire.send(Frames.data(1, false, "four"));
        assertThat(heard()).containsExactly("RST 1 " + PROTOCOL_ERROR);
        wire.send(frames.request(3, false, "POST", "/", "content-length", "3"));
        wire.send(Frames.data(3, true, "2b"));
        assertThat(heard()).containsExactly("RST 3 " + PROTOCOL_ERROR);
        assertThat(gate.exchange().request().body().isOpen()).isFalse();
    }

    @Test
    void t58FramesOnClosedStreamsEndTheConnection() {
        wire.send(frames.get(1, "/"));
        gate.exchange().reply(204, Fields.NONE, 0);
        gate.exchange().request().body().writeAndFlush(dev.ugate.spi.Fin.FIN);
        heard();
        wire.send(Frames.data(1, true, "x"));
        endsWith(STREAM_CLOSED);
    }

    @Test
    void t58DataAfterTheEndIsReset() {
        wire.send(frames.get(1, "/")).send(Frames.data(1, false, "x"));
        assertThat(heard()).containsExactly("RST 1 " + STREAM_CLOSED);
    }

    @Test
    void t58IdsThatGoBackEndTheConnection() {
        wire.send(frames.get(5, "/")).send(frames.get(3, "/"));
        endsWith(PROTOCOL_ERROR);
    }

    @Test
    void t59WindowThatOverflowsEndsTheConnection() {
        wire.send(Frames.windowUpdate(0, Integer.MAX_VALUE));
        endsWith(FLOW_CONTROL_ERROR);
    }

    @Test
    void t59WindowOfNothingEndsTheConnection() {
        wire.send(Frames.windowUpdate(0, 0));
        endsWith(PROTOCOL_ERROR);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 16_383, 1 << 24})
    void t59FrameSizesOutOfRangeEndTheConnection(int size) {
        wire.send(Frames.settings(5, size));
        endsWith(PROTOCOL_ERROR);
    }

    @Test
    void t59DataBeyondTheWindowEndsTheStream() {
        wire.send(frames.request(1, false, "POST", "/"));
        for (int i = 0; i < 5; i++) {
            wire.send(Frames.data(1, false, "x".repeat(16_000)));
        }
        assertThat(heard()).contains("RST 1 " + FLOW_CONTROL_ERROR);
        assertThat(wire.sawEnd()).isFalse();
    }

    @Test
    void t60ErrorOfOneStreamSparesTheOthers() {
        wire.send(frames.get(1, "/"));
        Exchange first = gate.exchange();
        wire.send(frames.request(3, false, "POST", "/", "content-length", "1"));
        wire.send(Frames.data(3, true, "22"));
        first.reply(204, Fields.NONE, 0);
        assertThat(heard()).contains("RST 3 1", "HEADERS 1 end :status=204");
    }

    @Test
    void streamsBeyondTheLimitAreRefused() {
        for (int id = 1; id <= 201; id += 2) {
            wire.send(frames.get(id, "/"));
        }
        assertThat(gate.asked()).hasSize(100);
        assertThat(heard()).containsExactly("RST 201 " + REFUSED_STREAM);
        assertThat(notes.failed()).last().extracting(Refused::text).asString().contains("limit http2Streams:");
    }

    /** Whatever comes, nothing is thrown, nothing leaks, and little is held. */
    @Test
    void damagedFramesDoNoHarm() {
        SplittableRandom random = new SplittableRandom(7540);
        for (int round = 0; round < 2000; round++) {
            wire.close();
            wire = Wire.local(Listening.open().journal(notes));
            frames = new Frames();
            ServerConnection.serve(wire, gate, new Intake("me"));
            byte[] bytes = Frames.join(
                    Frames.PREFACE,
                    Frames.settings(4, 100, 5, 20_000),
                    frames.request(1, false, "POST", "/", "content-length", "5", "cookie", "a=b"),
                    Frames.windowUpdate(1, 10),
                    Frames.data(1, false, "hello"),
                    frames.headers(1, true, "x-sum", "1"),
                    Frames.ping(false),
                    frames.get(3, "/x"),
                    Frames.reset(3, 8),
                    Frames.goAway(0, 0));
            for (int i = random.nextInt(1, 4); i > 0; i--) {
                bytes[random.nextInt(Frames.PREFACE.length, bytes.length)] = (byte) random.nextInt();
            }
            wire.send(bytes);
            wire.checkException();
            assertThat(wire.tally().held()).isLessThan(256 << 10);
            wire.close();
            wire.heard();
            assertThat(wire.tally().live()).as("round %d", round).isEmpty();
        }
    }
}
