package dev.ugate.protocols.http.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.ugate.model.Limits;
import dev.ugate.model.http.Fields;
import dev.ugate.testing.Seeds;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Messages of HTTP/1 from any bytes: read the same however they are split, and rejected at worst. Nothing that is let through holds what
 * would begin a line of its own.
 */
final class WireFuzzTest {
    private static final Pattern NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9a-z-]+");

    static Stream<Arguments> requests() {
        return Stream.concat(Seeds.samples("http"), Seeds.kept("requests"));
    }

    @MethodSource
    @FuzzTest
    void requests(byte[] bytes) {
        String whole = requests(bytes, bytes.length);
        assertThat(requests(bytes, 1)).isEqualTo(whole);
        assertThat(requests(bytes, 7)).isEqualTo(whole);
    }

    private static String requests(byte[] bytes, int step) {
        return read(bytes, step, new Incoming<>(HeadParser.requests(Limits.STANDARD)), (line, hop) -> {
            BodyFraming framing = hop.request(line);
            hop.host(line.minor());
            hop.expectsContinue(line.minor());
            inOneLine(line.method() + line.target());
            return framing;
        });
    }

    static Stream<Arguments> replies() {
        return Stream.concat(
                Seeds.texts(
                        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=\"y\"\r\nok\r\n0\r\nSum: 1\r\n\r\n",
                        "HTTP/1.0 404 \r\n\r\nno",
                        "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nHTTP/1.1 200 OK\r\n\r\nrest"),
                Seeds.kept("replies"));
    }

    @MethodSource
    @FuzzTest
    void replies(byte[] bytes) {
        String whole = replies(bytes, bytes.length);
        assertThat(replies(bytes, 1)).isEqualTo(whole);
        assertThat(replies(bytes, 7)).isEqualTo(whole);
    }

    private static String replies(byte[] bytes, int step) {
        return read(
                bytes,
                step,
                new Incoming<>(HeadParser.replies(Limits.STANDARD)),
                (line, hop) -> hop.reply(line, false));
    }

    /** What the head of a message says about its body. */
    private interface Framed<L> {
        BodyFraming framing(L line, Hop hop);
    }

    /** Reads message after message, and tells them in words. */
    private static <L> String read(byte[] bytes, int step, Incoming<L> in, Framed<L> framed) {
        StringBuilder told = new StringBuilder();
        try {
            BodyReader body = null;
            for (int from = 0; from < bytes.length; from += step) {
                in.add(
                        UnpooledByteBufAllocator.DEFAULT,
                        Unpooled.copiedBuffer(bytes, from, Math.min(step, bytes.length - from)));
                boolean goesOn = true;
                while (goesOn) {
                    if (body != null) {
                        in.body(body, part -> tell(told, part));
                        goesOn = body.done();
                        told.append(goesOn ? told(body.trailers()) : "");
                        body = goesOn ? null : body;
                    }
                    Head<L> head = body == null ? in.head() : null;
                    goesOn = head != null;
                    if (head != null) {
                        told.append("\n").append(head.line()).append(' ').append(told(head.fields()));
                        body = BodyReader.of(framed.framing(head.line(), Hop.of(head.fields())));
                    }
                }
            }
        } catch (Rejected rejected) {
            told.append("\n").append(rejected.status()).append(' ').append(rejected.getMessage());
        }
        in.take().release();
        return told.toString();
    }

    private static void tell(StringBuilder told, ByteBuf part) {
        told.append(part.toString(StandardCharsets.ISO_8859_1));
        part.release();
    }

    private static String told(Fields fields) {
        StringBuilder told = new StringBuilder();
        for (int i = 0; i < fields.size(); i++) {
            if (!NAME.matcher(fields.name(i)).matches()) {
                throw new AssertionError("name of a field: " + fields.name(i));
            }
            inOneLine(fields.value(i));
            told.append(fields.name(i)).append('=').append(fields.value(i)).append(';');
        }
        return told.toString();
    }

    private static void inOneLine(String text) {
        if (text.indexOf('\r') >= 0 || text.indexOf('\n') >= 0 || text.indexOf('\0') >= 0) {
            throw new AssertionError("more than one line: " + text);
        }
    }
}
