package dev.ugate.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CidrTest {
    private static boolean contains(String block, String address) {
        return Cidr.parse(block).contains(Ip.parse(address).orElseThrow());
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.255.255.255, true",
        "10.0.0.0/8, 11.0.0.0, false",
        "10.0.0.128/25, 10.0.0.127, false",
        "10.0.0.128/25, 10.0.0.128, true",
        "10.0.0.1, 10.0.0.1, true",
        "10.0.0.1/32, 10.0.0.2, false",
        "0.0.0.0/0, 255.1.2.3, true",
        "0.0.0.0/0, ::1, false",
        "::/0, 2001:db8::1, true",
        "::/0, 10.0.0.1, false",
        "2001:db8::/33, 2001:db8:8000::, false",
        "2001:db8::/33, 2001:db8:7fff::, true",
        "fe80::/10, febf::1, true",
        "fe80::/10, fec0::1, false",
        "10.0.0.0/8, ::ffff:10.1.1.1, true",
        "::ffff:10.0.0.1, 10.0.0.1, true",
        "0x7f.1, 127.0.0.1, true"
    })
    void containsWhatSharesItsPrefix(String block, String address, boolean contained) {
        assertThat(contains(block, address)).isEqualTo(contained);
    }

    @Test
    void mappedAddressesCannotSlipPastIpv4Blocks() throws UnknownHostException {
        InetAddress metadata = IpTest.mapped(169, 254, 169, 254);
        assertThat(Cidr.parse("169.254.0.0/16").contains(metadata)).isTrue();
        assertThat(Cidr.parse("10.0.0.0/8").contains(metadata)).isFalse();
        assertThat(Cidr.any(List.of(Cidr.parse("::/0"), Cidr.parse("169.254.169.254")), metadata))
                .isTrue();
        assertThat(Cidr.any(List.of(), metadata)).isFalse();
    }

    /** The same question asked of big integers. */
    @Test
    void agreesWithArithmetic() {
        SplittableRandom random = new SplittableRandom(2);
        for (int i = 0; i < 5_000; i++) {
            int size = random.nextBoolean() ? 4 : 16;
            byte[] address = new byte[size];
            random.nextBytes(address);
            int prefix = random.nextInt(size * 8 + 1);
            byte[] network = address.clone();
            for (int bit = prefix; bit < size * 8; bit++) {
                network[bit / 8] &= (byte) ~(0x80 >> bit % 8);
            }
            byte[] other = address.clone();
            int flipped = random.nextInt(size * 8);
            other[flipped / 8] ^= (byte) (0x80 >> flipped % 8);
            int shift = size * 8 - prefix;
            boolean same =
                    new BigInteger(1, other).shiftRight(shift).equals(new BigInteger(1, network).shiftRight(shift));
            Cidr block = new Cidr(Ip.of(network), prefix);
            assertThat(block.contains(Ip.of(address))).isTrue();
            assertThat(block.contains(Ip.of(other)))
                    .as(block + " " + Ip.text(Ip.of(other)))
                    .isEqualTo(same);
            assertThat(Cidr.parse(block.toString())).isEqualTo(block);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/8",
                "10.0.0.0/",
                "10.0.0.0/33",
                "::/129",
                "10.0.0.0/-1",
                "10.0.0.0/+8",
                "10.0.0.0/8/8",
                "10.0.0.1/8",
                "::1/127",
                "a/8",
                "10.0.0.0/0008",
                "10.0.0.0/\u0668",
                "10.0.0.0/ 8",
                "10.0.0.0 /8",
                "10/8",
                "::ffff:10.0.0.0/104"
            })
    void refusesWhatIsNoBlock(String text) {
        assertThatThrownBy(() -> Cidr.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected");
    }
}
