package dev.ugate.protocols.http.hpack;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.ugate.testing.Seeds;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Header blocks from any bytes; what is understood is written and understood again, table and all. */
final class HpackFuzzTest {
    /** Blocks of one connection, each behind an octet with its length. */
    static Stream<Arguments> blocks() {
        return Stream.concat(
                Stream.of(
                                "11828684410f7777772e6578616d706c652e636f6d", // RFC 7541 C.3.1
                                "11828684418cf1e3c2e5f23a6ba0ab90f4ff", // C.4.1, Huffman
                                "03203fe11f",
                                "04ff80808001",
                                "06400161016200")
                        .map(hex -> Seeds.bytes(HexFormat.of().parseHex(hex))),
                Seeds.kept("hpack"));
    }

    @MethodSource
    @FuzzTest
    void blocks(byte[] bytes) {
        HpackDecoder decoder = new HpackDecoder(4096);
        HpackEncoder encoder = new HpackEncoder();
        HpackDecoder again = new HpackDecoder(4096);
        ByteBuf in = Unpooled.wrappedBuffer(bytes);
        try {
            while (in.isReadable()) {
                ByteBuf block = in.readSlice(Math.min(in.readUnsignedByte(), in.readableBytes()));
                List<String> fields = decode(decoder, block);
                encoder.begin();
                for (int i = 0; i < fields.size(); i += 2) {
                    encoder.field(fields.get(i), fields.get(i + 1));
                }
                ByteBuf written = Unpooled.buffer();
                encoder.copy(0, encoder.size(), written);
                assertThat(decode(again, written)).isEqualTo(fields);
            }
        } catch (HpackException refused) {
            assertThat(refused).hasMessageContaining(":");
        }
    }

    private static List<String> decode(HpackDecoder decoder, ByteBuf block) {
        List<String> fields = new ArrayList<>();
        decoder.decode(block, (name, value, legal) -> {
            fields.add(name);
            fields.add(value);
        });
        return fields;
    }
}
