package dev.ugate.gate.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Ip;
import dev.ugate.model.mesh.NodeId;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
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
        assertThat(vips.apply(NodeId.vip(key))).contains(peer(key));
        first.forget();
        first.forget();
        assertThat(vips.apply(NodeId.vip(key))).as("the other connection lives").contains(peer(key));
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
        assertThat(vips.apply(NodeId.vip(key(1, 7)))).contains(peer(key(1, 7)));
        honest.forget();
    }

    private static Vips.Alias peer(byte[] key) {
        return new Vips.Alias(NodeId.vip(key), NodeId.of(key), Optional.empty());
    }

    private static Vips.Alias service(byte[] key, String name) {
        return new Vips.Alias(NodeId.vip(key), NodeId.of(key), Optional.of(name));
    }

    @Test
    void whatTheOperatorWroteWinsOverPeers() {
        vips.pin(List.of(service(key(1, 7), "db.m"), service(key(1, 7), "also-db.m")));
        vips.learn(key(2, 7));
        assertThat(vips.apply(NodeId.vip(key(2, 7)))).contains(service(key(1, 7), "db.m"));
        vips.pin(List.of());
        assertThat(vips.apply(NodeId.vip(key(2, 7)))).contains(peer(key(2, 7)));
        vips.pin(List.of(service(key(3, 9), "a.m"), service(key(4, 9), "b.m"), service(key(3, 9), "c.m")));
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
        assertThat(vips.apply(NodeId.vip(key(1, 1)))).contains(peer(key(1, 1)));
    }

    @Test
    void strangersAreNobody() {
        assertThat(vips.apply(Ip.parse("fd00::1").orElseThrow())).isEmpty();
        vips.pin(List.of(peer(key(1, 7))));
        assertThat(vips.apply(Ip.parse("fd00::1").orElseThrow())).isEmpty();
    }
}
