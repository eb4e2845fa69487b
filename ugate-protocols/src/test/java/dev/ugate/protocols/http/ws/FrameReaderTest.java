package dev.ugate.protocols.http.ws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.protocols.http.ws.FrameReader.Bounds;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class FrameReaderTest {
    private static final Bounds FROM_CLIENT = new Bounds(true, 1 << 20, 4);
    private static final Bounds FROM_SERVER = new Bounds(false, 1000, 4);

    private final List<String> seen = new ArrayList<>();
    private final ByteBuf payload = Unpooled.buffer();

    private final FrameReader.Sink sink = new FrameReader.Sink() {
        @Override
        public void data(boolean text, ByteBuf part, boolean last) {
            payload.writeBytes(part);
            part.release();
            if (last) {
                seen.add((text ? "text " : "binary ") + payload.readableBytes());
            }
        }

        @Override
        public void control(int opcode, ByteBuf content) {
            seen.add(opcode + " " + content.toString(StandardCharsets.US_ASCII));
            content.release();
        }
    };

    private void read(Bounds bounds, byte[]... chunks) {
        FrameReader reader = new FrameReader(bounds, sink);
        for (byte[] chunk : chunks) {
            ByteBuf in = Unpooled.copiedBuffer(chunk);
            try {
                reader.read(in);
            } finally {
                assertThat(in.release()).as("buffer is nobody else's").isTrue();
            }
        }
    }

    private void assertViolates(Bounds bounds, int code, String hex) {
        byte[] bytes = ByteBufUtil.decodeHexDump(hex.replace(" ", ""));
        assertThatThrownBy(() -> read(bounds, bytes))
                .isInstanceOfSatisfying(
                        Violation.class,
                        violation -> assertThat(violation.code()).isEqualTo(code));
    }

    @Test
    void readsTheExamplesOfTheRfc() {
        read(FROM_CLIENT, ByteBufUtil.decodeHexDump("818537fa213d7f9f4d5158"));
        assertThat(payload.toString(StandardCharsets.US_ASCII)).isEqualTo("Hello");
        read(FROM_SERVER, ByteBufUtil.decodeHexDump("010348656c80026c6f"));
        assertThat(seen).containsExactly("text 5", "text 10");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 8, 9, 125, 126, 127, 65535, 65536, 1 << 20})
    void readsWhatWasWrittenHoweverItIsCut(int length) {
        byte[] content = new byte[length];
        new SplittableRandom(length).nextBytes(content);
        byte[] bytes = Frames.masked(Opcode.BINARY, true, content);
        SplittableRandom random = new SplittableRandom(1);
        List<byte[]> chunks = new ArrayList<>();
        for (int at = 0; at < bytes.length; ) {
            int n = at < 20 ? 1 : Math.min(bytes.length - at, random.nextInt(1, 100_000));
            chunks.add(Arrays.copyOfRange(bytes, at, at + n));
            at += n;
        }
        read(FROM_CLIENT, chunks.toArray(byte[][]::new));
        assertThat(seen).containsExactly("binary " + length);
        assertThat(ByteBufUtil.getBytes(payload)).isEqualTo(content);
    }

    @Test
    void readsControlFramesBetweenFragments() {
        read(
                FROM_CLIENT,
                Frames.concat(
                        Frames.masked(Opcode.BINARY, false, new byte[3]),
                        Frames.masked(Opcode.PING, true, "are you".getBytes(StandardCharsets.US_ASCII)),
                        Frames.masked(Opcode.CONTINUATION, false, new byte[0]),
                        Frames.masked(Opcode.CONTINUATION, true, new byte[4])));
        assertThat(seen).containsExactly("9 are you", "binary 7");
    }

    @ParameterizedTest
    @CsvSource({
        "no mask, 1002, 82 00",
        "reserved bit, 1002, C2 80 00000000",
        "unknown opcode, 1002, 83 80 00000000",
        "unknown control opcode, 1002, 8B 80 00000000",
        "fragmented control frame, 1002, 09 80 00000000",
        "long control frame, 1002, 89 FE 007E 00000000",
        "continuation of nothing, 1002, 80 80 00000000",
        "message in a message, 1002, 02 80 00000000 82 80 00000000",
        "length in a longer form, 1002, 82 FE 007D 00000000",
        "length in the longest form, 1002, 82 FF 000000000000FFFF 00000000",
        "negative length, 1002, 82 FF 8000000000000000 00000000",
        "2^63 - 1 octets, 1009, 82 FF 7FFFFFFFFFFFFFFF 00000000",
        "one octet more than a message may have, 1009, 82 FF 0000000000100001 00000000",
        "text that is not UTF-8, 1007, 81 81 00000000 C0",
        "text that ends within a character, 1007, 81 81 00000000 C3",
    })
    void refuses(String what, int code, String hex) {
        assertViolates(FROM_CLIENT, code, hex);
    }

    @Test
    void refusesMasksOfAServer() {
        assertViolates(FROM_SERVER, 1002, "82 80 00000000");
    }

    @Test
    void addsUpTheFragmentsOfAMessage() {
        assertViolates(FROM_SERVER, 1009, "02 7E 0200" + "00".repeat(512) + "00 7E 0200");
    }

    @Test
    void countsTheFragmentsOfAMessage() {
        assertViolates(FROM_SERVER, 1009, "02 00" + "00 00".repeat(4));
        read(FROM_SERVER, ByteBufUtil.decodeHexDump("0200" + "0000".repeat(2) + "8000"));
        assertThat(seen).containsExactly("binary 0");
    }

    @Test
    void refusesBrokenTextAtItsFirstWrongOctet() {
        assertViolates(FROM_SERVER, 1007, "01 7D 48 F5");
    }
}
