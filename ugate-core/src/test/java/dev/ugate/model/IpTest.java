package dev.ugate.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class IpTest {
    /** An address object of 16 bytes that the JDK did not turn into IPv4, as a native transport or a library may hand over. */
    static InetAddress mapped(int a, int b, int c, int d) throws UnknownHostException {
        byte[] bytes = new byte[16];
        bytes[10] = bytes[11] = -1;
        byte[] quad = {(byte) a, (byte) b, (byte) c, (byte) d};
        System.arraycopy(quad, 0, bytes, 12, 4);
        return Inet6Address.getByAddress(null, bytes, 0);
    }

    /** RFC 5952 §4 and §5. */
    @ParameterizedTest
    @CsvSource({
        "2001:db8:0:0:0:0:0:1, 2001:db8::1",
        "2001:0DB8::0001, 2001:db8::1",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
        "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "0:0:0:0:0:0:0:0, ::",
        "1:0:0:0:0:0:0:0, 1::",
        "0:0:0:0:0:0:0:1, ::1",
        "1:2:3:4:5:6:7::, 1:2:3:4:5:6:7:0",
        "::2:3:4:5:6:7:8, 0:2:3:4:5:6:7:8",
        "fe80::ABCD, fe80::abcd",
        "64:ff9b::192.0.2.33, 64:ff9b::c000:221"
    })
    void writesTheTextOfRfc5952(String text, String canonical) {
        assertThat(Ip.text(Ip.parse(text).orElseThrow())).isEqualTo(canonical);
    }

    @Test
    void textOfAnyAddressParsesBack() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextBoolean() ? 4 : 16];
            for (int at = 0; at < bytes.length; at++) {
                bytes[at] = random.nextInt(3) == 0 ? (byte) random.nextInt() : 0;
            }
            InetAddress address = Ip.of(bytes);
            assertThat(Ip.parse(Ip.text(address)))
                    .as(HexFormat.of().formatHex(bytes))
                    .contains(address);
        }
    }

    @Test
    void mappedAddressesAreIpv4HoweverTheyCome() throws UnknownHostException {
        assertThat(Ip.parse("::ffff:10.1.2.3").orElseThrow()).isInstanceOf(Inet4Address.class);
        assertThat(mapped(10, 1, 2, 3)).isInstanceOf(Inet6Address.class);
        assertThat(Ip.text(mapped(10, 1, 2, 3))).isEqualTo("10.1.2.3");
        assertThat(Ip.bytes(mapped(10, 1, 2, 3))).containsExactly(10, 1, 2, 3);
        assertThat(Ip.bytes(Ip.parse("::10.1.2.3").orElseThrow())).hasSize(16);
    }

    @Test
    void textHasNoScope() throws UnknownHostException {
        byte[] local = Ip.parse("fe80::1").orElseThrow().getAddress();
        assertThat(Ip.text(Inet6Address.getByAddress("eth0", local, 2))).isEqualTo("fe80::1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "localhost",
                "1.2.3.4 ",
                "1..2",
                ".1",
                "1.",
                "0x",
                "0x100000000",
                "-1",
                "+1",
                "1e3",
                "09",
                "1.2.3.4.5",
                ":",
                "::g",
                "1:",
                "%",
                "::1%1"
            })
    void nothingElseIsAnAddress(String text) {
        assertThat(Ip.parse(text)).isEmpty();
    }

    @Test
    void addressesHaveFourOrSixteenBytes() {
        assertThatThrownBy(() -> Ip.of(new byte[5]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected 4 or 16");
    }
}
