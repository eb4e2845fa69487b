package dev.ugate.protocols.ssh.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class Poly1305Test {
    private static final BigInteger P = BigInteger.ONE.shiftLeft(130).subtract(BigInteger.valueOf(5));
    private static final BigInteger CLAMP = new BigInteger("0ffffffc0ffffffc0ffffffc0fffffff", 16);

    /** RFC 8439 §2.5.2 and appendix A.3, 7 to 11: sums at and around 2^130 − 5. */
    @ParameterizedTest
    @CsvSource({
        "85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b,"
                + "43727970746f6772617068696320466f72756d2052657365617263682047726f7570,a8061dc1305136c6c22b8baf0c0127a9",
        "0200000000000000000000000000000000000000000000000000000000000000,"
                + "ffffffffffffffffffffffffffffffff,03000000000000000000000000000000",
        "02000000000000000000000000000000ffffffffffffffffffffffffffffffff,"
                + "02000000000000000000000000000000,03000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000,"
                + "fffffffffffffffffffffffffffffffff0ffffffffffffffffffffffffffffff11000000000000000000000000000000,"
                + "05000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000,"
                + "fffffffffffffffffffffffffffffffffbfefefefefefefefefefefefefefefe01010101010101010101010101010101,"
                + "00000000000000000000000000000000",
        "0200000000000000000000000000000000000000000000000000000000000000,"
                + "fdffffffffffffffffffffffffffffff,faffffffffffffffffffffffffffffff"
    })
    void agreesWithTheRfc(String key, String message, String tag) {
        byte[] bytes = HexFormat.of().parseHex(message);
        assertThat(HexFormat.of().formatHex(tag(HexFormat.of().parseHex(key), bytes)))
                .isEqualTo(tag);
    }

    @Test
    void agreesWithBigIntegers() {
        Random random = new Random(1);
        for (int i = 0; i < 2_000; i++) {
            byte[] key = new byte[32];
            byte[] message = new byte[random.nextInt(200)];
            random.nextBytes(key);
            random.nextBytes(message);
            if (i % 3 == 0) {
                // Limbs full of ones carry furthest.
                java.util.Arrays.fill(message, (byte) 0xff);
                java.util.Arrays.fill(key, 0, 16 * (i % 2), (byte) 0xff);
            }
            assertThat(tag(key, message)).isEqualTo(slow(key, message));
        }
    }

    private static byte[] tag(byte[] key, byte[] message) {
        byte[] out = new byte[Poly1305.TAG];
        new Poly1305().compute(key, message, 0, message.length, out, 0);
        return out;
    }

    private static byte[] slow(byte[] key, byte[] message) {
        BigInteger r = little(key, 0, 16).and(CLAMP);
        BigInteger sum = BigInteger.ZERO;
        for (int at = 0; at < message.length; at += 16) {
            int size = Math.min(16, message.length - at);
            BigInteger block = little(message, at, size).setBit(8 * size);
            sum = sum.add(block).multiply(r).mod(P);
        }
        sum = sum.add(little(key, 16, 16));
        byte[] out = new byte[16];
        for (int i = 0; i < 16; i++) {
            out[i] = sum.shiftRight(8 * i).byteValue();
        }
        return out;
    }

    private static BigInteger little(byte[] bytes, int at, int size) {
        byte[] big = new byte[size];
        for (int i = 0; i < size; i++) {
            big[size - 1 - i] = bytes[at + i];
        }
        return new BigInteger(1, big);
    }
}
