package dev.ugate.protocols.ssh.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.testing.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PacketReaderTest {
    private final Wire wire = Wire.upstream();
    private final PacketReader reader = new PacketReader(wire.alloc());
    private final List<String> heard = new ArrayList<>();

    enum Kind {
        CLEAR(seals -> new Clear()),
        GCM(seals -> new AesGcm(new byte[16], new byte[12], seals)),
        CHACHA(seals -> new ChaChaPoly(new byte[64], seals));

        final Function<Boolean, PacketCipher> cipher;

        Kind(Function<Boolean, PacketCipher> cipher) {
            this.cipher = cipher;
        }
    }

    @AfterEach
    void leavesNothing() {
        reader.end();
        assertThat(wire.tally().live()).isEmpty();
    }

    private void read(String hex) {
        read(HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    private void read(byte[] bytes) {
        reader.read(
                Unpooled.wrappedBuffer(bytes),
                (payload, sequence) -> heard.add(sequence + ":" + ByteBufUtil.hexDump(payload)));
    }

    private void isRefused(String hex, String text) {
        assertThatThrownBy(() -> read(hex)).isInstanceOf(Violation.class).hasMessageContaining(text);
        assertThat(heard).isEmpty();
    }

    /** The JDK's GCM copies to a new array, as large as the whole one, where both ends of a decryption are in one. */
    @Test
    void decryptsFromOneArrayIntoAnother() {
        List<Boolean> apart = new ArrayList<>();
        PacketCipher watched = new PacketCipher() {
            private final PacketCipher clear = new Clear();

            @Override
            public int block() {
                return clear.block();
            }

            @Override
            public int tag() {
                return clear.tag();
            }

            @Override
            public int length(int sequence, byte[] packet, int at) {
                return clear.length(sequence, packet, at);
            }

            @Override
            public void open(int sequence, byte[] packet, int at, int length, byte[] out, int to) {
                apart.add(packet != out);
                clear.open(sequence, packet, at, length, out, to);
            }

            @Override
            public void seal(int sequence, byte[] packet, int at, int length) {
                throw new IllegalStateException();
            }
        };
        PacketReader pooled = new PacketReader(new PooledByteBufAllocator(false));
        pooled.keys(watched, true);
        byte[] packet = HexFormat.of().parseHex("0000000c0a5e00000000000000000000");
        for (int i = 0; i < 3; i++) {
            pooled.read(Unpooled.wrappedBuffer(packet), (payload, sequence) -> {});
        }
        assertThat(apart).containsExactly(true, true, true);
        pooled.end();
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void payloadsOfEverySizeArriveHoweverTheyAreSplit(Kind kind) {
        PacketWriter writer = new PacketWriter(wire);
        writer.keys(kind.cipher.apply(true), true);
        List<String> said = new ArrayList<>();
        Random random = new Random(7);
        for (int i = 0; i < 300; i++) {
            byte[] text = new byte[i < 100 ? i : random.nextInt(33_000)];
            random.nextBytes(text);
            writer.begin(Message.CHANNEL_DATA, text.length).writeBytes(text);
            writer.seal();
            said.add(i + ":5e" + HexFormat.of().formatHex(text));
            if (i % 7 == 0) {
                writer.flush();
            }
        }
        writer.flush();
        assertThat(writer.load().packets()).isEqualTo(300);
        byte[] bytes = wire.heardBytes();
        assertThat(writer.load().bytes()).isLessThanOrEqualTo(bytes.length);
        reader.keys(kind.cipher.apply(false), true);
        for (int at = 0; at < bytes.length; ) {
            int end = Math.min(bytes.length, at + 1 + random.nextInt(at < 20_000 ? 9 : 200_000));
            read(Arrays.copyOfRange(bytes, at, end));
            at = end;
        }
        assertThat(heard).isEqualTo(said);
        assertThat(reader.load().packets()).isEqualTo(300);
        assertThat(reader.load().bytes()).isEqualTo(writer.load().bytes());
        assertThat(wire.tally().live()).isEmpty();
    }

    @Test
    void forgetsAPacketThatWasBegunAndNotSealed() {
        PacketWriter writer = new PacketWriter(wire);
        writer.begin(Message.CHANNEL_DATA, 1000).writeZero(1000);
        writer.begin(Message.IGNORE, 0);
        writer.seal();
        writer.begin(Message.CHANNEL_DATA, 70_000).writeZero(10);
        writer.flush();
        read(wire.heardBytes());
        assertThat(heard).containsExactly("0:02");
    }

    @Test
    void aPayloadMayBecomeLongerThanExpected() {
        PacketWriter writer = new PacketWriter(wire);
        writer.begin(Message.CHANNEL_DATA, 1).writeZero(30_000);
        writer.seal();
        writer.flush();
        read(wire.heardBytes());
        assertThat(heard).hasSize(1);
        assertThat(heard.get(0)).hasSize(2 + 2 * 30_001);
    }

    @Test
    void keepsPayloadsForThoseWhoHoldThem() {
        List<ByteBuf> held = new ArrayList<>();
        PacketWriter writer = new PacketWriter(wire);
        for (int i = 0; i < 3; i++) {
            writer.begin(Message.CHANNEL_DATA, 4).writeInt(i);
            writer.seal();
        }
        writer.flush();
        ByteBuf all = Unpooled.wrappedBuffer(wire.heardBytes());
        reader.read(all, (payload, sequence) -> held.add(payload.skipBytes(1).readRetainedSlice(4)));
        assertThat(held).extracting(ByteBuf::readInt).containsExactly(0, 1, 2);
        held.forEach(ByteBuf::release);
    }

    @Test
    void readsNothingAfterItsEnd() {
        byte[] one = HexFormat.of().parseHex("0000000c0a02" + "00".repeat(10));
        byte[] two = Arrays.copyOf(one, 32);
        System.arraycopy(one, 0, two, 16, 16);
        ByteBuf in = Unpooled.wrappedBuffer(two);
        reader.read(in, (payload, sequence) -> {
            heard.add("one");
            reader.end();
        });
        assertThat(heard).containsExactly("one");
    }

    @ParameterizedTest
    @ValueSource(strings = {"00000000", "00000004", "00000005", "ffffffff", "80000000", "000088b5", "7fffffff"})
    void refusesLengthsOutOfBounds(String length) {
        isRefused(length, "packet of");
    }

    @Test
    void refusesALengthThatIsNoMultiple() {
        isRefused("0000000d", "multiple of 8");
    }

    @ParameterizedTest
    @ValueSource(strings = {"03", "0b", "0c", "ff", "00"})
    void refusesPaddingThatLeavesNothing(String padding) {
        isRefused("0000000c" + padding + "00".repeat(11), "padding");
    }

    @Test
    void takesTheLeastPayload() {
        read("0000000c0a02" + "00".repeat(10));
        assertThat(heard).containsExactly("0:02");
    }

    @Test
    void holdsNoMoreThanWhatCame() {
        read("00007ffc" + "00".repeat(500));
        assertThat(wire.tally().held()).isLessThan(2_000);
    }
}
