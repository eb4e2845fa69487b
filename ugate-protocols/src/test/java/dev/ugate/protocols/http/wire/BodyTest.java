package dev.ugate.protocols.http.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.model.Refused;
import dev.ugate.model.http.Fields;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies in every framing, read and written. */
final class BodyTest {
    private static final String CHUNKS =
            "5\r\nhello\r\nA;x=\"y;z\"\r\n, 0\r\nworld\r\n000\r\nX-Sum: 9\r\nContent-Length: 1\r\n\r\n";
    private static final String CONTENT = "hello, 0\r\nworld";

    private final StringBuilder content = new StringBuilder();

    private void take(ByteBuf bytes) {
        content.append(bytes.toString(StandardCharsets.ISO_8859_1));
        bytes.release();
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    }

    @Test
    void chunksSplitAtEveryByteReadTheSame() {
        for (int cut = 0; cut <= CHUNKS.length(); cut++) {
            content.setLength(0);
            BodyReader body = BodyReader.of(BodyFraming.CHUNKED);
            ByteBuf in = bytes(CHUNKS.substring(0, cut));
            body.read(in, this::take);
            in.writeBytes(bytes(CHUNKS.substring(cut) + "next"));
            body.read(in, this::take);
            assertThat(body.done()).as("cut %d", cut).isTrue();
            assertThat(content.toString()).as("cut %d", cut).isEqualTo(CONTENT);
            assertThat(body.trailers().size()).isEqualTo(1);
            assertThat(body.trailers().first("x-sum")).contains("9");
            assertThat(in.toString(StandardCharsets.US_ASCII)).isEqualTo("next");
        }
    }

    /** T35, and the chunk sizes that parsers disagree on. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "5\nhello\r\n",
                "5\r\nhello\n",
                "5\r\nhelloX\r\n",
                "5\r\nhello\r\r",
                "5\rhello",
                " 5\r\n",
                "5 \r\n",
                "0x5\r\n",
                "+5\r\n",
                "-5\r\n",
                "\r\n",
                "g\r\n",
                "5;a\nb\r\n",
                "5;a\u0000b\r\n",
                "5;a=\"\n\"\r\n",
                "1000000000000000\r\n",
                "ffffffffffffffff\r\n",
                "00000000000000005\r\n",
                "0\r\nX: a\n\r\n",
                "0\r\n X: a\r\n",
                "0\r\nX\r\n"
            })
    void t35RejectsEveryOddChunk(String chunk) {
        BodyReader body = BodyReader.of(BodyFraming.CHUNKED);
        assertThatThrownBy(() -> body.read(bytes(chunk), this::take)).isInstanceOf(Rejected.class);
    }

    @Test
    void t35BoundsExtensionsOfAMessage() {
        BodyReader body = BodyReader.of(BodyFraming.CHUNKED);
        String chunk = "1;" + "e".repeat(500) + "\r\nx\r\n";
        body.read(bytes(chunk.repeat(2)), this::take);
        assertThatThrownBy(() -> body.read(bytes(chunk), this::take)).isInstanceOf(Rejected.class);
    }

    @Test
    void boundsTrailers() {
        BodyReader many = BodyReader.of(BodyFraming.CHUNKED);
        assertThatThrownBy(() -> many.read(bytes("0\r\n" + "X: 1\r\n".repeat(33)), this::take))
                .isInstanceOf(Rejected.class);
        BodyReader large = BodyReader.of(BodyFraming.CHUNKED);
        assertThatThrownBy(() -> large.read(bytes("0\r\nX: " + "a".repeat(9000)), this::take))
                .isInstanceOf(Rejected.class);
    }

    @Test
    void readsAsMuchAsWasAnnounced() {
        BodyReader body = BodyReader.of(BodyFraming.of(5));
        ByteBuf in = bytes("helloGET / ");
        body.read(in, this::take);
        assertThat(body.done()).isTrue();
        assertThat(content.toString()).isEqualTo("hello");
        assertThat(in.readableBytes()).isEqualTo(6);
    }

    @Test
    void bodyUntilCloseIsNeverDone() {
        BodyReader body = BodyReader.of(BodyFraming.UNTIL_CLOSE);
        body.read(bytes("all"), this::take);
        assertThat(content.toString()).isEqualTo("all");
        assertThat(body.done()).isFalse();
        assertThat(body.endsByClose()).isTrue();
    }

    @Test
    void whatIsWrittenInChunksReadsTheSame() {
        SplittableRandom random = new SplittableRandom(7);
        BodyWriter writer = BodyWriter.of(BodyFraming.CHUNKED);
        ByteBuf wire = Unpooled.buffer();
        StringBuilder wanted = new StringBuilder();
        for (int i = 0; i < 200; i++) {
            String part = "x".repeat(random.nextInt(1 << random.nextInt(17)));
            wanted.append(part);
            writer.write(bytes(part), out -> drain(out, wire));
        }
        writer.finish(UnpooledByteBufAllocator.DEFAULT, Fields.of("x-sum", "1"), out -> drain(out, wire));
        BodyReader reader = BodyReader.of(BodyFraming.CHUNKED);
        reader.read(wire, this::take);
        assertThat(reader.done()).isTrue();
        assertThat(content.length()).isEqualTo(wanted.length());
        assertThat(reader.trailers().first("x-sum")).contains("1");
    }

    private static void drain(ByteBuf from, ByteBuf to) {
        to.writeBytes(from);
        from.release();
    }

    @Test
    void neverWritesMoreOrLessThanAnnounced() {
        BodyWriter more = BodyWriter.of(BodyFraming.of(2));
        assertThatThrownBy(() -> more.write(bytes("abc"), this::take)).isInstanceOf(IllegalStateException.class);
        BodyWriter less = BodyWriter.of(BodyFraming.of(4));
        less.write(bytes("abc"), this::take);
        assertThatThrownBy(() -> less.finish(UnpooledByteBufAllocator.DEFAULT, Fields.NONE, this::take))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void noneStaysNone() {
        BodyWriter none = BodyWriter.none();
        none.write(bytes("dropped"), this::take);
        none.finish(UnpooledByteBufAllocator.DEFAULT, Fields.NONE, this::take);
        assertThat(content.toString()).isEmpty();
    }

    @Test
    void t41NothingThatIsWrittenSplitsAMessage() {
        var alloc = UnpooledByteBufAllocator.DEFAULT;
        for (String bad : new String[] {"a\r\nb: c", "a\nb", "a\0", "\u0100"}) {
            assertThatThrownBy(() -> HeadWriter.reply(alloc, 200).field("x", bad))
                    .as(bad)
                    .isInstanceOf(Refused.class);
            assertThatThrownBy(() -> HeadWriter.request(alloc, "GET", "/" + bad))
                    .as(bad)
                    .isInstanceOf(Refused.class);
        }
        for (String bad : new String[] {"", "a b", "a:", "a\r\n", "\u00e4"}) {
            assertThatThrownBy(() -> HeadWriter.reply(alloc, 200).field(bad, "x"))
                    .as(bad)
                    .isInstanceOf(Refused.class);
            assertThatThrownBy(() -> HeadWriter.request(alloc, bad, "/"))
                    .as(bad)
                    .isInstanceOf(Refused.class);
        }
        assertThatThrownBy(() -> HeadWriter.request(alloc, "GET", "/ HTTP/1.1")).isInstanceOf(Refused.class);
    }

    @Test
    void writesHeads() {
        ByteBuf head = HeadWriter.reply(UnpooledByteBufAllocator.DEFAULT, 404)
                .fields(Fields.of("Server", "x", "a", "\u00e4"))
                .framing(BodyFraming.of(3))
                .end();
        assertThat(head.toString(StandardCharsets.ISO_8859_1))
                .isEqualTo("HTTP/1.1 404 Not Found\r\nserver: x\r\na: \u00e4\r\ncontent-length: 3\r\n\r\n");
        head.release();
    }
}
