package dev.ugate.protocols.ssh.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class WireTest {
    private static ByteBuf of(String hex) {
        return Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex));
    }

    private static String written(Consumer<ByteBuf> what) {
        ByteBuf out = Unpooled.buffer();
        what.accept(out);
        return ByteBufUtil.hexDump(out);
    }

    /** RFC 4251 §5, the positive ones. */
    @ParameterizedTest
    @CsvSource({
        "00,00000000",
        "09a378f9b2e332a7,0000000809a378f9b2e332a7",
        "80,000000020080",
        "0000000080,000000020080",
        "007f,000000017f"
    })
    void integersAreAsShortAsTheyCan(String magnitude, String encoded) {
        assertThat(written(out -> Wire.mpint(out, HexFormat.of().parseHex(magnitude))))
                .isEqualTo(encoded);
    }

    @Test
    void namesAndListsComeBack() {
        assertThat(written(out -> Wire.nameList(out, List.of()))).isEqualTo("00000000");
        assertThat(Wire.nameList(of("00000000"))).isEmpty();
        ByteBuf out = Unpooled.buffer();
        Wire.nameList(out, List.of("zlib", "none"));
        assertThat(ByteBufUtil.hexDump(out)).isEqualTo("000000097a6c69622c6e6f6e65");
        assertThat(Wire.nameList(out)).containsExactly("zlib", "none");
        Wire.string(out, "é");
        assertThat(Wire.text(out, 2)).isEqualTo("é");
        Wire.string(out, "name");
        assertThat(Wire.name(out)).isEqualTo("name");
        Wire.bool(out, true);
        assertThat(Wire.bool(out)).isTrue();
        out.writeLong(-1).writeInt(-1);
        assertThat(Wire.u64(out)).isEqualTo(-1);
        assertThat(Wire.u32(out)).isEqualTo(0xffffffffL);
        Wire.end(out);
    }

    @Test
    void nothingIsReadBeyondTheEnd() {
        List<Consumer<ByteBuf>> readers = List.of(
                Wire::u8,
                Wire::u32,
                Wire::u64,
                Wire::bool,
                Wire::slice,
                Wire::name,
                Wire::nameList,
                in -> Wire.bytes(in, 99),
                in -> Wire.text(in, 99),
                in -> Wire.skip(in, 99));
        for (Consumer<ByteBuf> reader : readers) {
            assertThatThrownBy(() -> reader.accept(of(""))).isInstanceOf(Violation.class);
        }
        for (Consumer<ByteBuf> reader : readers.subList(4, 10)) {
            assertThatThrownBy(() -> reader.accept(of("0000000501020304"))).isInstanceOf(Violation.class);
            assertThatThrownBy(() -> reader.accept(of("ffffffff01020304"))).isInstanceOf(Violation.class);
        }
    }

    @Test
    void boundsAreKept() {
        assertThatThrownBy(() -> Wire.bytes(of("000000020102"), 1)).isInstanceOf(Violation.class);
        assertThatThrownBy(() -> Wire.end(of("00"))).isInstanceOf(Violation.class);
        assertThatThrownBy(() -> Wire.name(of("00000003612c62"))).isInstanceOf(Violation.class);
        assertThatThrownBy(() -> Wire.name(of("00000041" + "61".repeat(65)))).isInstanceOf(Violation.class);
        assertThatThrownBy(() -> Wire.nameList(of("00002001" + "61".repeat(8193))))
                .isInstanceOf(Violation.class);
    }
}
