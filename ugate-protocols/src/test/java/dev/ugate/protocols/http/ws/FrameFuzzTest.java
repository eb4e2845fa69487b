package dev.ugate.protocols.http.ws;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.ugate.protocols.http.ws.FrameReader.Bounds;
import dev.ugate.testing.Seeds;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Frames from any bytes: the same messages however they are split, text that is UTF-8 to the JDK too, and a violation at worst. */
final class FrameFuzzTest {
    /** The first octet says from which side the rest comes. */
    static Stream<Arguments> frames() {
        return Stream.concat(
                Stream.of(
                                "01818537fa213d7f9f4d5158", // RFC 6455 §5.7: a masked "Hello"
                                "00810548656c6c6f",
                                "000103486584026c6c80026c6f",
                                "00890548656c6c6f8a0548656c6c6f",
                                "00827e0004abcdef01827f000000000000000461626364",
                                "008802" + "03e8",
                                "008802" + "03ed",
                                "0081020c3af",
                                "008104f09f8c8d",
                                "00010" + "2f09f80028c8d")
                        .map(hex -> hex.length() % 2 == 0 ? hex : hex + "0")
                        .map(hex -> Seeds.bytes(HexFormat.of().parseHex(hex))),
                Seeds.kept("websocket"));
    }

    @MethodSource
    @FuzzTest
    void frames(byte[] bytes) {
        String whole = read(bytes, Math.max(bytes.length, 1));
        assertThat(read(bytes, 1)).isEqualTo(whole);
        assertThat(read(bytes, 5)).isEqualTo(whole);
    }

    private static String read(byte[] bytes, int step) {
        boolean masked = bytes.length > 0 && (bytes[0] & 1) != 0;
        Told told = new Told();
        FrameReader reader = new FrameReader(new Bounds(masked, 4096, 8), told);
        try {
            for (int from = 1; from < bytes.length; from += step) {
                reader.read(Unpooled.copiedBuffer(bytes, from, Math.min(step, bytes.length - from)));
            }
        } catch (Violation violation) {
            // How much of a broken message was seen depends on the packets, and is nobody's business.
            return told.messages.append(violation.code()).toString();
        }
        return told.messages + "and " + ByteBufUtil.hexDump(told.message);
    }

    /** What came, in words. */
    private static final class Told implements FrameReader.Sink {
        private final StringBuilder messages = new StringBuilder();
        private final ByteBuf message = Unpooled.buffer();

        @Override
        public void data(boolean text, ByteBuf part, boolean last) {
            message.writeBytes(part);
            part.release();
            if (last) {
                byte[] whole = ByteBufUtil.getBytes(message);
                message.clear();
                assertThat(whole).hasSizeLessThanOrEqualTo(4096);
                messages.append(text ? text(whole) : HexFormat.of().formatHex(whole))
                        .append('\n');
            }
        }

        private static String text(byte[] utf8) {
            try {
                return StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(utf8))
                        .toString();
            } catch (CharacterCodingException e) {
                throw new AssertionError("accepted as text: " + HexFormat.of().formatHex(utf8), e);
            }
        }

        @Override
        public void control(int opcode, ByteBuf payload) {
            try {
                assertThat(payload.readableBytes()).isLessThanOrEqualTo(125);
                messages.append(opcode).append(' ');
                messages.append(opcode == Opcode.CLOSE ? CloseFrame.of(payload).code() : ByteBufUtil.hexDump(payload));
                messages.append('\n');
            } finally {
                payload.release();
            }
        }
    }
}
