package dev.ugate.model.ssh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.testing.Hex;
import java.math.BigInteger;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SshReaderTest {
    @Test
    void readsWhatTheWriterWrote() {
        byte[] bytes = new SshWriter()
                .u8(255)
                .flag(true)
                .u32(0xFFFF_FFFFL)
                .u64(-2)
                .string("ü")
                .names(List.of("a", "b"))
                .names(List.of())
                .mpint(BigInteger.valueOf(0x80))
                .mpint(BigInteger.ZERO)
                .string(new SshWriter().u8(7).bytes())
                .raw(new byte[] {1, 2})
                .bytes();
        SshReader in = new SshReader(bytes);

        assertThat(in.u8()).isEqualTo(255);
        assertThat(in.flag()).isTrue();
        assertThat(in.u32()).isEqualTo(0xFFFF_FFFFL);
        assertThat(in.u64()).isEqualTo(-2);
        assertThat(in.text()).isEqualTo("ü");
        assertThat(in.names()).containsExactly("a", "b");
        assertThat(in.names()).isEmpty();
        assertThat(in.mpint()).isEqualTo(0x80);
        assertThat(in.mpint()).isZero();
        SshReader inside = in.into();
        assertThat(inside.u8()).isEqualTo(7);
        assertThat(inside.hasMore()).isFalse();
        assertThatThrownBy(in::end).hasMessageContaining("2 octets more");
        assertThat(in.rest()).containsExactly(1, 2);
        in.end();
    }

    /** RFC 4251 §5. */
    @ParameterizedTest
    @CsvSource({
        "0, 00000000",
        "9a378f9b2e332a7, 0000000809a378f9b2e332a7",
        "80, 000000020080",
    })
    void numbersAreThoseOfTheRfc(String number, String wire) {
        assertThat(new SshWriter().mpint(new BigInteger(number, 16)).bytes()).isEqualTo(Hex.parse(wire));
        assertThat(new SshReader(Hex.parse(wire)).mpint()).isEqualTo(new BigInteger(number, 16));
    }

    @ParameterizedTest
    @ValueSource(strings = {"00000002 edcc", "00000005 ff21524111", "00000001 00", "00000002 0001", "00000002 00"})
    void refusesNegativeLongAndTornNumbers(String wire) {
        SshReader in = new SshReader(Hex.parse(wire));
        assertThatThrownBy(in::mpint).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "000000", "00000001", "ffffffff 61", "80000000 61", "7fffffff 61"})
    void refusesStringsBeyondTheEnd(String wire) {
        SshReader in = new SshReader(Hex.parse(wire));
        assertThatThrownBy(in::string)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("ssh: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"00000001 00", "00000002 0d0a", "00000001 7f", "00000001 ff", "00000002 c0af"})
    void refusesTextThatIsNone(String wire) {
        SshReader in = new SshReader(Hex.parse(wire));
        assertThatThrownBy(in::text)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected text");
    }
}
