package dev.ugate.gate.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Ip;
import dev.ugate.model.NodeId;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

final class VipsTest {
    private final Vips vips = new Vips();

    /** Keys with the same last 8 bytes have the same address. */
    private static byte[] key(int head, long tail) {
        return ByteBuffer.allocate(65).putInt(head).putLong(57, tail).array();
    }

    @Test
    void knowsAPeerWhileItIsConnected() {
        byte[] key = key(1, 7);
        Vips.Known first = vips.learn(key);
        Vips.Known second = vips.learn(key);
        assertThat(vips.apply(NodeId.vip(key))).contains(NodeId.of(key));
        first.forget();
        first.forget();
        assertThat(vips.apply(NodeId.vip(key))).as("the other connection lives").contains(NodeId.of(key));
        second.forget();
        assertThat(vips.apply(NodeId.vip(key))).isEmpty();
    }

    /** 64 bits of a key are cheap to collide: the later one must not take the address over. */
    @Test
    void anAddressOfTwoKeysStandsForNobody() {
        Vips.Known honest = vips.learn(key(1, 7));
        Vips.Known forged = vips.learn(key(2, 7));
        assertThat(NodeId.vip(key(1, 7))).isEqualTo(NodeId.vip(key(2, 7)));
        assertThat(vips.apply(NodeId.vip(key(1, 7)))).isEmpty();
        forged.forget();
        assertThat(vips.apply(NodeId.vip(key(1, 7)))).contains(NodeId.of(key(1, 7)));
        honest.forget();
    }

    @Test
    void whatTheOperatorWroteWinsOverPeers() {
        vips.pin(List.of(key(1, 7)));
        vips.learn(key(2, 7));
        assertThat(vips.apply(NodeId.vip(key(2, 7)))).contains(NodeId.of(key(1, 7)));
        vips.pin(List.of());
        assertThat(vips.apply(NodeId.vip(key(2, 7)))).contains(NodeId.of(key(2, 7)));
        vips.pin(List.of(key(3, 9), key(4, 9)));
        assertThat(vips.apply(NodeId.vip(key(3, 9)))).isEmpty();
    }

    @Test
    void aFullTableTakesNobodyInAndForgetsNobody() {
        for (int i = 0; i < 10_000; i++) {
            vips.learn(key(i, i));
        }
        Vips.Known late = vips.learn(key(1, 20_000));
        assertThat(vips.apply(NodeId.vip(key(1, 20_000)))).isEmpty();
        late.forget();
        assertThat(vips.apply(NodeId.vip(key(1, 1)))).contains(NodeId.of(key(1, 1)));
    }

    @Test
    void strangersAreNobody() {
        assertThat(vips.apply(Ip.parse("fd00::1").orElseThrow())).isEmpty();
        vips.pin(List.of(key(1, 7)));
        assertThat(vips.apply(Ip.parse("fd00::1").orElseThrow())).isEmpty();
    }
}
