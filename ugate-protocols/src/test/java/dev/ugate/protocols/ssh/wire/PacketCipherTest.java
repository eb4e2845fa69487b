package dev.ugate.protocols.ssh.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.testing.Wire;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Packets as another implementation made them: Python's cryptography, with its own ChaCha20, Poly1305 and AES-GCM. */
final class PacketCipherTest {
    private static final byte[] TEXT = "ugate".repeat(5).getBytes(StandardCharsets.US_ASCII);
    private static final String CHACHA_0 =
            "94450e791de63756cc92c3a474002804da242f539dc4949495c82e3b8d8c99122a35755c73299fdfee55614921a558989692fcda";
    private static final String CHACHA_LAST =
            "b90ee4a007900c9bae04d4e29636abb2728602ae06b031ccc4248d017882da4c9005b0ec";
    private static final List<String> AES128 = List.of(
            "0000002002743efa4395a2db07d34e3f2f812c2566060fcadb228a33013468ea8708f85f3c65af660de7c7d0de7e9afdf3d97645",
            "000000206ee6df9f695f43ae929583467a8d16d0c7f14dd1168cfcf327d62dba0a23a84cebb9c162a67a3c5c3dfb3e62e42ac546",
            "0000002038b6827b2f50dfd5ce78fe9ebc006242877fb256bd0d2124f2aa4a8ac7074d14ecce6f213a62df92e661e6ed5ee976a8");
    private static final String AES256 = "000000104318a7189cb0a5e750f080b6fc459f2d420e04440bac4f8082bc362e31a58ebd";

    private static byte[] key(int size) {
        byte[] key = new byte[size];
        for (int i = 0; i < size; i++) {
            key[i] = (byte) i;
        }
        return key;
    }

    /** Its counter goes over 2^64 between the second packet and the third. */
    private static byte[] nonce() {
        return HexFormat.of().parseHex("01020304fffffffffffffffe");
    }

    private static String written(PacketCipher cipher, byte[]... texts) {
        Wire wire = Wire.upstream();
        PacketWriter writer = new PacketWriter(wire);
        writer.keys(cipher, true);
        for (byte[] text : texts) {
            writer.begin(text.length == 0 ? Message.IGNORE : Message.CHANNEL_DATA, text.length)
                    .writeBytes(text);
            writer.seal();
        }
        writer.flush();
        String heard = wire.heard();
        assertThat(wire.tally().live()).isEmpty();
        return heard;
    }

    private static List<String> read(PacketCipher cipher, String hex) {
        Wire wire = Wire.upstream();
        PacketReader reader = new PacketReader(wire.alloc());
        reader.keys(cipher, true);
        List<String> heard = new ArrayList<>();
        try {
            reader.read(
                    Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex)),
                    (payload, sequence) -> heard.add(sequence + " " + ByteBufUtil.hexDump(payload)));
        } finally {
            reader.end();
            assertThat(wire.tally().live()).isEmpty();
        }
        return heard;
    }

    @Test
    void sealsAsAnotherImplementation() {
        assertThat(written(new ChaChaPoly(key(64), true), TEXT)).isEqualTo(CHACHA_0);
        assertThat(written(new AesGcm(key(16), nonce(), true), TEXT, TEXT, TEXT))
                .isEqualTo(String.join("", AES128));
        byte[] nonce = nonce();
        assertThat(written(new AesGcm(key(32), nonce, true), new byte[0])).isEqualTo(AES256);
    }

    @Test
    void opensWhatAnotherImplementationSealed() {
        String text = "5e" + HexFormat.of().formatHex(TEXT);
        assertThat(read(new ChaChaPoly(key(64), false), CHACHA_0)).containsExactly("0 " + text);
        assertThat(read(new AesGcm(key(16), nonce(), false), String.join("", AES128)))
                .containsExactly("0 " + text, "1 " + text, "2 " + text);
        assertThat(read(new AesGcm(key(32), nonce(), false), AES256)).containsExactly("0 02");
    }

    @Test
    void countsPacketsWithoutASign() {
        byte[] packet = HexFormat.of().parseHex(CHACHA_LAST);
        byte[] out = new byte[16];
        PacketCipher cipher = new ChaChaPoly(key(64), false);
        assertThat(cipher.length(-1, packet, 0)).isEqualTo(16);
        cipher.open(-1, packet, 0, 16, out, 0);
        assertThat(out).startsWith(14, 2);
    }

    @Test
    void refusesEveryChangedBit() {
        refusesChanges(CHACHA_0, true);
        refusesChanges(AES128.get(0), false);
    }

    private static void refusesChanges(String hex, boolean chacha) {
        byte[] packet = HexFormat.of().parseHex(hex);
        for (int bit = 0; bit < packet.length * 8; bit++) {
            byte[] changed = packet.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            PacketCipher cipher = chacha ? new ChaChaPoly(key(64), false) : new AesGcm(key(16), nonce(), false);
            // Another length may only mean that more is waited for.
            byte[] followed = java.util.Arrays.copyOf(changed, 40_000);
            assertThatThrownBy(() -> read(cipher, HexFormat.of().formatHex(followed)))
                    .isInstanceOf(Violation.class);
        }
    }

    @Test
    void saysWhichCodeAWrongTagHas() {
        String wrong = CHACHA_0.substring(0, CHACHA_0.length() - 2) + "00";
        assertThatThrownBy(() -> read(new ChaChaPoly(key(64), false), wrong))
                .isInstanceOfSatisfying(
                        Violation.class, why -> assertThat(why.code()).isEqualTo(Disconnect.MAC_ERROR));
    }
}
