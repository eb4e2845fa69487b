package dev.ugate.protocols.http.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ugate.model.http.Fields;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Framing, persistence and the fields that end at this hop. */
final class HopTest {
    private static final RequestLine POST = new RequestLine("POST", "/", 1);
    private static final RequestLine OLD_POST = new RequestLine("POST", "/", 0);
    private static final StatusLine OK = new StatusLine(200, 1);

    private static BodyFraming request(RequestLine line, String... fields) {
        return Hop.of(Fields.of(fields)).request(line);
    }

    private static BodyFraming reply(StatusLine line, String... fields) {
        return Hop.of(Fields.of(fields)).reply(line, false);
    }

    private static void rejects(RequestLine line, String... fields) {
        Rejected why = catchThrowableOfType(Rejected.class, () -> request(line, fields));
        assertThat(why).as("%s", (Object) fields).isNotNull();
        assertThat(why.status()).isEqualTo(400);
    }

    @Test
    void requestsAreFramedByLengthOrChunks() {
        assertThat(request(POST)).isEqualTo(BodyFraming.NONE);
        assertThat(request(POST, "content-length", "0")).isEqualTo(BodyFraming.NONE);
        assertThat(request(POST, "content-length", "12")).isEqualTo(BodyFraming.of(12));
        assertThat(request(POST, "transfer-encoding", "Chunked")).isEqualTo(BodyFraming.CHUNKED);
    }

    @Test
    void t32RejectsLengthBesideChunks() {
        rejects(POST, "content-length", "4", "transfer-encoding", "chunked");
        rejects(OLD_POST, "content-length", "4", "transfer-encoding", "chunked");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "xchunked",
                "chunked, chunked",
                "chunked, identity",
                "identity",
                "gzip, chunked",
                "\u000bchunked",
                "chunked;a",
                "",
                "chunked,"
            })
    void t33RejectsEveryCodingButChunkedOnce(String coding) {
        rejects(POST, "transfer-encoding", coding);
    }

    @Test
    void t33RejectsRepeatedCodingsAndCodingsInHttp10() {
        rejects(POST, "transfer-encoding", "chunked", "transfer-encoding", "chunked");
        rejects(OLD_POST, "transfer-encoding", "chunked");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"+4", "-4", "4, 5", "4, 4", "0x4", "4 4", "", "1234567890123456789", "\u0664", "4;a", "1e3"})
    void t34RejectsEveryLengthButDigits(String length) {
        rejects(POST, "content-length", length);
        assertThatThrownBy(() -> reply(OK, "content-length", length)).isInstanceOf(Rejected.class);
    }

    @Test
    void t34RejectsRepeatedLengths() {
        rejects(POST, "content-length", "4", "content-length", "4");
        assertThat(request(POST, "content-length", "123456789012345678").length())
                .isEqualTo(123456789012345678L);
    }

    @Test
    void t37DemandsOneHost() {
        assertThatThrownBy(() -> Hop.of(Fields.of("host", "a", "host", "a"))).isInstanceOf(Rejected.class);
        assertThatThrownBy(() -> Hop.of(Fields.NONE).host(1)).isInstanceOf(Rejected.class);
        assertThat(Hop.of(Fields.NONE).host(0)).isEmpty();
        assertThat(Hop.of(Fields.of("host", "a")).host(1)).contains("a");
    }

    @Test
    void t39KnowsOneExpectation() {
        assertThat(Hop.of(Fields.of("expect", "100-Continue")).expectsContinue(1))
                .isTrue();
        assertThat(Hop.of(Fields.of("expect", "100-continue")).expectsContinue(0))
                .isFalse();
        Rejected why = catchThrowableOfType(
                Rejected.class,
                () -> Hop.of(Fields.of("expect", "100-continue, x")).expectsContinue(1));
        assertThat(why.status()).isEqualTo(417);
    }

    @Test
    void t40RejectsRepliesWithTwoFramings() {
        assertThatThrownBy(() -> reply(OK, "content-length", "4", "transfer-encoding", "chunked"))
                .isInstanceOf(Rejected.class);
        assertThatThrownBy(() -> reply(new StatusLine(200, 0), "transfer-encoding", "chunked"))
                .isInstanceOf(Rejected.class);
        assertThatThrownBy(() -> reply(OK, "transfer-encoding", "gzip")).isInstanceOf(Rejected.class);
    }

    @Test
    void t44RejectsRepeatedCredentials() {
        assertThatThrownBy(() -> Hop.of(Fields.of("authorization", "a", "authorization", "b")))
                .isInstanceOf(Rejected.class);
        assertThatThrownBy(() -> Hop.of(Fields.of("proxy-authorization", "a", "proxy-authorization", "b")))
                .isInstanceOf(Rejected.class);
    }

    @Test
    void repliesMayEndWithTheConnection() {
        assertThat(reply(OK)).isEqualTo(BodyFraming.UNTIL_CLOSE);
        assertThat(reply(OK, "content-length", "3")).isEqualTo(BodyFraming.of(3));
        assertThat(reply(OK, "transfer-encoding", "chunked")).isEqualTo(BodyFraming.CHUNKED);
        assertThat(reply(new StatusLine(204, 1))).isEqualTo(BodyFraming.NONE);
        assertThat(reply(new StatusLine(304, 1), "content-length", "9")).isEqualTo(BodyFraming.NONE);
        Hop toHead = Hop.of(Fields.of("content-length", "7"));
        assertThat(toHead.reply(OK, true)).isEqualTo(BodyFraming.NONE);
        assertThat(toHead.announced()).isEqualTo(7);
    }

    @Test
    void connectionsPersistAsTheirVersionSays() {
        assertThat(Hop.of(Fields.NONE).persists(1)).isTrue();
        assertThat(Hop.of(Fields.NONE).persists(0)).isFalse();
        assertThat(Hop.of(Fields.of("connection", "x, Close")).persists(1)).isFalse();
        assertThat(Hop.of(Fields.of("connection", "Keep-Alive")).persists(0)).isTrue();
    }

    @Test
    void t42StopsHopByHopFieldsAndKeepsOurs() {
        Fields given = Fields.of(
                "accept",
                "a",
                "connection",
                "x-a, x-forwarded-for, close",
                "x-a",
                "1",
                "x-forwarded-for",
                "1.1.1.1",
                "te",
                "trailers",
                "keep-alive",
                "5",
                "proxy-connection",
                "x",
                "proxy-authorization",
                "x",
                "upgrade",
                "h2c",
                "host",
                "h",
                "content-length",
                "3",
                "x-drop",
                "1",
                "x-keep",
                "1");
        Fields kept = Hop.of(given)
                .endToEnd(given, 0, name -> name.startsWith("x-forwarded-"), name -> name.equals("x-drop"))
                .build();
        assertThat(names(kept)).containsExactly("accept", "x-forwarded-for", "x-keep");
    }

    @ParameterizedTest
    @ValueSource(strings = {"host", "Content-Length", "authorization", "close, cookie"})
    void t42RejectsConnectionThatNamesEndToEndFields(String named) {
        assertThatThrownBy(() -> Hop.of(Fields.of("connection", named))).isInstanceOf(Rejected.class);
    }

    @Test
    void trailersNeverFrameRouteOrAuthenticate() {
        Fields given = Fields.of(
                "x-sum",
                "1",
                "content-length",
                "4",
                "transfer-encoding",
                "chunked",
                "host",
                "x",
                "authorization",
                "y",
                "trailer",
                "z");
        assertThat(names(Hop.trailers(given))).containsExactly("x-sum");
        assertThat(names(Hop.passing(Fields.of("a", "1", "content-length", "2"))))
                .containsExactly("a");
    }

    private static java.util.List<String> names(Fields fields) {
        return java.util.stream.IntStream.range(0, fields.size())
                .mapToObj(fields::name)
                .toList();
    }
}
