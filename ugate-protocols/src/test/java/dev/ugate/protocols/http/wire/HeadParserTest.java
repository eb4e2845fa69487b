package dev.ugate.protocols.http.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ugate.model.Limits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Heads as they must be, and every way in which attackers write them. */
final class HeadParserTest {
    private static final String GOOD =
            "GET /index.html?q=1 HTTP/1.1\r\nHost: example.com\r\nAccept:*/*\r\nX-Odd:\t padded value \t\r\nCookie: a=1; b=\"2\"\r\n\r\n";

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    }

    private static Head<RequestLine> request(String text) {
        Head<RequestLine> head = HeadParser.requests(Limits.STANDARD).next(bytes(text));
        assertThat(head).as(text).isNotNull();
        return head;
    }

    private static int rejected(String text) {
        Rejected why = catchThrowableOfType(
                Rejected.class, () -> HeadParser.requests(Limits.STANDARD).next(bytes(text)));
        assertThat(why).as(text).isNotNull();
        return why.status();
    }

    @Test
    void readsRequests() {
        Head<RequestLine> head = request(GOOD);
        assertThat(head.line()).isEqualTo(new RequestLine("GET", "/index.html?q=1", 1));
        assertThat(head.fields().size()).isEqualTo(4);
        assertThat(head.fields().first("host")).contains("example.com");
        assertThat(head.fields().first("accept")).contains("*/*");
        assertThat(head.fields().first("x-odd")).contains("padded value");
        assertThat(head.fields().first("cookie")).contains("a=1; b=\"2\"");
    }

    @Test
    void splitAtEveryByteReadsTheSame() {
        for (int cut = 0; cut <= GOOD.length(); cut++) {
            HeadParser<RequestLine> parser = HeadParser.requests(Limits.STANDARD);
            ByteBuf in = bytes(GOOD.substring(0, cut));
            Head<RequestLine> first = parser.next(in);
            assertThat(first == null).as("cut %d", cut).isEqualTo(cut < GOOD.length());
            if (first == null) {
                in.writeBytes(bytes(GOOD.substring(cut)));
                Head<RequestLine> head = parser.next(in);
                assertThat(head).isNotNull();
                assertThat(head.line().target()).isEqualTo("/index.html?q=1");
                assertThat(head.fields().first("x-odd")).contains("padded value");
            }
            assertThat(in.isReadable()).isFalse();
        }
    }

    @Test
    void leavesWhatFollowsTheHead() {
        ByteBuf in = bytes(GOOD + "body");
        assertThat(HeadParser.requests(Limits.STANDARD).next(in)).isNotNull();
        assertThat(in.toString(StandardCharsets.US_ASCII)).isEqualTo("body");
    }

    @Test
    void keepsObsoleteTextByteForByte() {
        assertThat(request("GET / HTTP/1.1\r\nX: \u00e4\u00ff\r\n\r\n").fields().first("x"))
                .contains("\u00e4\u00ff");
    }

    @Test
    void toleratesTwoEmptyLinesBeforeARequest() {
        assertThat(request("\r\n\r\nGET / HTTP/1.0\r\n\r\n").line().minor()).isZero();
        assertThat(rejected("\r\n\r\n\r\nGET / HTTP/1.0\r\n\r\n")).isEqualTo(400);
    }

    @Test
    void readsLaterMinorVersionsAs11() {
        assertThat(request("GET / HTTP/1.7\r\n\r\n").line().minor()).isEqualTo(1);
    }

    /** T36, T37: separators, controls, versions. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "400|GET / HTTP/1.1\\n",
                "400|GET / HTTP/1.1\\r\\nHost: a\\n",
                "400|GET / HTTP/1.1\\r\\rHost: a\\r\\n",
                "400|GET / HTTP/1.1\\r\\nX: a\\rb\\r\\n",
                "400|GET / HTTP/1.1\\r\\nX: a\\0b\\r\\n",
                "400|GET / HTTP/1.1\\r\\nX: a\\x7fb\\r\\n",
                "400|GET / HTTP/1.1\\r\\nX: a\\x0bb\\r\\n",
                "400|GET / HTTP/1.1\\r\\n X: a\\r\\n",
                "400|GET / HTTP/1.1\\r\\nX: a\\r\\n b\\r\\n",
                "400|GET / HTTP/1.1\\r\\nX: a\\r\\n\\tb\\r\\n",
                "400|GET / HTTP/1.1\\r\\nX : a\\r\\n",
                "400|GET / HTTP/1.1\\r\\nX\\t: a\\r\\n",
                "400|GET / HTTP/1.1\\r\\n: a\\r\\n",
                "400|GET / HTTP/1.1\\r\\nX\\r\\n",
                "400|GET / HTTP/1.1\\r\\nX\\x80: a\\r\\n",
                "400|GET / HTTP/1.1\\r\\nX(: a\\r\\n",
                "400|GET\\t/ HTTP/1.1\\r\\n",
                "400|GET /\\tHTTP/1.1\\r\\n",
                "400|GET  / HTTP/1.1\\r\\n",
                "400|GET /  HTTP/1.1\\r\\n",
                "400|GET / HTTP/1.1 \\r\\n",
                "400|GET / x HTTP/1.1\\r\\n",
                "400|\\x20GET / HTTP/1.1\\r\\n",
                "400|\\x01GET / HTTP/1.1\\r\\n",
                "400|GET /\\x80 HTTP/1.1\\r\\n",
                "400|GET /\\r\\n",
                "400|GET\\r\\n",
                "400|G(T / HTTP/1.1\\r\\n",
                "400|GET / HTTP/1.10\\r\\n",
                "400|GET / HTTP/1\\r\\n",
                "400|GET / http/1.1\\r\\n",
                "400|GET / HTTP/1,1\\r\\n",
                "400|OPTIONS rtsp://a/ RTSP/1.0\\r\\n",
                "505|GET / HTTP/9.9\\r\\n",
                "505|GET / HTTP/2.0\\r\\n",
                "505|GET / HTTP/0.9\\r\\n",
            })
    void t36AndT37RejectsWhatParsersDisagreeOn(int status, String escaped) {
        assertThat(rejected(unescape(escaped))).isEqualTo(status);
    }

    private static String unescape(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '\\') {
                out.append(c);
                continue;
            }
            char kind = text.charAt(++i);
            switch (kind) {
                case 'r' -> out.append('\r');
                case 'n' -> out.append('\n');
                case 't' -> out.append('\t');
                case '0' -> out.append('\0');
                case 'x' -> {
                    out.append((char) Integer.parseInt(text.substring(i + 1, i + 3), 16));
                    i += 2;
                }
                default -> throw new IllegalArgumentException(text);
            }
        }
        return out.toString();
    }

    @Test
    void t47RejectsALongRequestLineBeforeItEnds() {
        assertThat(rejected("GET /" + "a".repeat(8300))).isEqualTo(414);
        assertThat(rejected("GET /" + "a".repeat(8300) + " HTTP/1.1\r\n")).isEqualTo(414);
        assertThat(request("GET /" + "a".repeat(8100) + " HTTP/1.1\r\n\r\n")
                        .line()
                        .target())
                .hasSize(8101);
    }

    @Test
    void t47RejectsALargeHeadBeforeItEnds() {
        String start = "GET / HTTP/1.1\r\n";
        assertThat(rejected(start + "X: " + "a".repeat(33_000))).isEqualTo(431);
        assertThat(rejected(start + ("X: " + "a".repeat(1000) + "\r\n").repeat(33)))
                .isEqualTo(431);
        assertThat(rejected(start + "X:\r\n".repeat(101))).isEqualTo(431);
        assertThat(request(start + "X:\r\n".repeat(100) + "\r\n").fields().size())
                .isEqualTo(100);
    }

    @Test
    void readsReplies() {
        HeadParser<StatusLine> parser = HeadParser.replies(Limits.STANDARD);
        ByteBuf in = bytes("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200\r\nServer: x\r\n\r\nHTTP/1.1 404 \r\n\r\n");
        Head<StatusLine> informational = parser.next(in);
        assertThat(informational).isNotNull();
        assertThat(informational.line().isInformational()).isTrue();
        Head<StatusLine> bare = parser.next(in);
        assertThat(bare).isNotNull();
        assertThat(bare.line()).isEqualTo(new StatusLine(200, 0));
        Head<StatusLine> noReason = parser.next(in);
        assertThat(noReason).isNotNull();
        assertThat(noReason.line().status()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\n",
                "HTTP/1.1  200 OK\r\n",
                "HTTP/1.1 20 OK\r\n",
                "HTTP/1.1 2000 OK\r\n",
                "HTTP/1.1 099 OK\r\n",
                "HTTP/1.1 600 OK\r\n",
                "HTTP/1.1 +20 OK\r\n",
                "HTTP/1.1\r\n",
                "HTTP/2.0 200 OK\r\n",
                "ICY 200 OK\r\n",
                "SSH-2.0-OpenSSH_9.2\r\n",
                "HTTP/1.1 200 a\u0000b\r\n",
                "HTTP/1.1 200 OK\r\nX: a\r\n folded\r\n",
                "HTTP/1.1 200 OK\r\nX : a\r\n"
            })
    void t40RejectsMalformedReplies(String reply) {
        assertThatThrownBy(() -> HeadParser.replies(Limits.STANDARD).next(bytes(reply)))
                .isInstanceOf(Rejected.class);
    }

    @Test
    void mutatedHeadsAreReadOrRejectedAndNeverAnythingElse() {
        SplittableRandom random = new SplittableRandom(36);
        byte[] good = GOOD.getBytes(StandardCharsets.ISO_8859_1);
        byte[] alphabet = "\r\n\0 \t:\u0080\u00ffA/1".getBytes(StandardCharsets.ISO_8859_1);
        int read = 0;
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = good.clone();
            for (int change = random.nextInt(1, 4); change > 0; change--) {
                bytes[random.nextInt(bytes.length)] = alphabet[random.nextInt(alphabet.length)];
            }
            try {
                Head<RequestLine> head = HeadParser.requests(Limits.STANDARD).next(Unpooled.wrappedBuffer(bytes));
                if (head != null) {
                    read++;
                    for (int i = 0; i < head.fields().size(); i++) {
                        assertThat(Tokens.isToken(head.fields().name(i))).isTrue();
                        assertThat(head.fields().value(i)).doesNotContain("\r", "\n", "\0");
                    }
                }
            } catch (Rejected expected) {
                assertThat(expected.status()).isBetween(400, 505);
            }
        }
        assertThat(read).isPositive();
    }
}
