package dev.ugate.protocols.http.ws;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class Utf8Test {
    private static boolean isUtf8(byte... octets) {
        Utf8 utf8 = new Utf8();
        for (byte octet : octets) {
            if (!utf8.accepts(Unpooled.wrappedBuffer(new byte[] {octet}))) {
                return false;
            }
        }
        return utf8.complete();
    }

    private static boolean expected(byte... octets) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets));
            return true;
        } catch (CharacterCodingException wrong) {
            return false;
        }
    }

    @Test
    void agreesWithTheJdkOnEveryPairOfOctetsAndItsContinuations() {
        byte[][] tails = {{}, {(byte) 0x80}, {(byte) 0xBF, (byte) 0x80}, {'a'}};
        for (int first = 0; first < 256; first++) {
            for (int second = 0; second < 256; second++) {
                for (byte[] tail : tails) {
                    byte[] octets = Frames.concat(new byte[] {(byte) first, (byte) second}, tail);
                    assertThat(isUtf8(octets)).as("%02x %02x", first, second).isEqualTo(expected(octets));
                }
            }
        }
    }
}
