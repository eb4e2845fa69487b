package dev.ugate.gate.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.HostPort;
import dev.ugate.model.http.Fields;
import dev.ugate.model.http.Filters.Compression;
import dev.ugate.spi.Fin;
import dev.ugate.spi.Reply;
import dev.ugate.spi.Request;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CompressingTest {
    private static final Compression TEXTS = new Compression(List.of("text/*", "application/json"), 100);

    private final EmbeddedChannel body = new EmbeddedChannel();
    private Optional<String> upgrade = Optional.empty();

    private Reply apply(String method, int status, long length, String... fields) {
        Request request = new Request(
                method,
                "http",
                new HostPort("a", 80),
                "/",
                Fields.of("accept-encoding", "gzip"),
                0,
                upgrade,
                new EmbeddedChannel());
        return Compressing.apply(TEXTS, request, new Reply(status, Fields.of(fields), length, body));
    }

    private static boolean isZipped(Reply reply) {
        return reply.fields().all("content-encoding").equals(List.of("gzip"));
    }

    @Test
    void tellsWhatItDid() {
        Reply reply = apply(
                "GET",
                200,
                1000,
                "content-type",
                "Text/HTML; charset=utf-8",
                "etag",
                "\"1\"",
                "accept-ranges",
                "bytes");

        assertThat(reply.length()).isEqualTo(-1);
        assertThat(reply.fields())
                .isEqualTo(Fields.of(
                        "content-type",
                        "Text/HTML; charset=utf-8",
                        "vary",
                        "accept-encoding",
                        "content-encoding",
                        "gzip",
                        "etag",
                        "W/\"1\""));
        assertThat(apply("GET", 200, -1, "content-type", "application/json", "etag", "W/\"1\"")
                        .fields()
                        .first("etag"))
                .contains("W/\"1\"");
    }

    @ParameterizedTest
    @CsvSource({
        "HEAD, 200, 1000, content-type, text/plain",
        "GET, 204, 0, content-type, text/plain",
        "GET, 206, 1000, content-type, text/plain",
        "GET, 304, 1000, content-type, text/plain",
        "GET, 200, 99, content-type, text/plain",
        "GET, 200, 1000, content-type, image/png",
        "GET, 200, 1000, content-type, text/event-stream",
        "GET, 200, -1, content-type, application/grpc+proto",
        "GET, 200, 1000, x-content-type, text/plain",
    })
    void leavesOthersAsTheyAre(String method, int status, long length, String name, String value) {
        Reply reply = apply(method, status, length, name, value);

        assertThat(reply.fields()).isEqualTo(Fields.of(name, value));
        assertThat(reply.length()).isEqualTo(length);
    }

    @ParameterizedTest
    @CsvSource({
        "content-encoding, br",
        "content-digest, sha-256=:abc=:",
        "repr-digest, sha-256=:abc=:",
        "content-range, bytes 0-1/2",
        "cache-control, 'public, No-Transform'",
    })
    void leavesWhatMustNotChange(String name, String value) {
        assertThat(isZipped(apply("GET", 200, 1000, "content-type", "text/plain")))
                .isTrue();
        assertThat(apply("GET", 200, 1000, "content-type", "text/plain", name, value)
                        .length())
                .isEqualTo(1000);
    }

    @Test
    void leavesUpgradesAlone() {
        upgrade = Optional.of("websocket");

        assertThat(isZipped(apply("GET", 200, -1, "content-type", "text/plain")))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "gzip, true",
        "'br, GZIP;q=0.5', true",
        "x-gzip, true",
        "*, true",
        "'*;q=0', false",
        "gzip;q=0, false",
        "'gzip; q=0.000, *', false",
        "'*;q=0, gzip', true",
        "br, false",
        "'', false",
        "identity, false",
    })
    void readsAcceptEncoding(String value, boolean accepts) {
        assertThat(Compressing.accepts(Fields.of("accept-encoding", value))).isEqualTo(accepts);
        assertThat(Compressing.accepts(Fields.NONE)).isFalse();
    }

    @Test
    void eachReadArrivesBeforeTheNextAndTheWholeIsWhatWasRead() throws IOException {
        apply("GET", 200, -1, "content-type", "text/plain");
        ByteArrayOutputStream original = new ByteArrayOutputStream();
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < 50; i++) {
            byte[] part = random.nextInt(4) == 0
                    ? new byte[0]
                    : ("line " + i + "\n").repeat(1 + random.nextInt(5000)).getBytes(StandardCharsets.US_ASCII);
            if (i == 25) {
                part = new byte[100_000];
                random.nextBytes(part);
            }
            original.write(part);
            body.writeInbound(Unpooled.wrappedBuffer(part));
            collect(zipped);
            assertThat(unzipped(zipped.toByteArray(), original.size())).isEqualTo(original.toByteArray());
        }
        body.writeInbound(Fin.FIN);
        assertThat(collect(zipped)).as("the end").isTrue();
        assertThat(new GZIPInputStream(new ByteArrayInputStream(zipped.toByteArray())).readAllBytes())
                .isEqualTo(original.toByteArray());
        assertThat(zipped.size()).isLessThan(original.size());
    }

    @Test
    void anEmptyBodyIsAnEmptyStream() throws IOException {
        apply("GET", 200, -1, "content-type", "text/plain");
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        body.writeInbound(Fin.FIN);

        assertThat(collect(zipped)).isTrue();
        assertThat(new GZIPInputStream(new ByteArrayInputStream(zipped.toByteArray())).readAllBytes())
                .isEmpty();
    }

    /** Takes what was read; tells whether the end was. */
    private boolean collect(ByteArrayOutputStream into) {
        for (Object message = body.readInbound(); message != null; message = body.readInbound()) {
            if (message instanceof Fin) {
                return true;
            }
            ByteBuf bytes = (ByteBuf) message;
            byte[] copy = new byte[bytes.readableBytes()];
            bytes.readBytes(copy);
            into.writeBytes(copy);
            bytes.release();
        }
        return false;
    }

    private static byte[] unzipped(byte[] begun, int length) throws IOException {
        return length == 0 ? new byte[0] : new GZIPInputStream(new ByteArrayInputStream(begun)).readNBytes(length);
    }
}
