package dev.ugate.model.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.model.Ip;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class NodeIdTest {
    private static final HexFormat HEX = HexFormat.of();

    /** Keys of the original's own test nodes: alice, bob and gate. */
    @ParameterizedTest
    @CsvSource({
        "d20cdfd4d1d23b3e31ee96e5a9470e328cb7e322755be0e9c71102e250d1137a8c49556004b05f818e3f5cf7a10c5c321b9fe520c3f6937af054f1ab89edc146,"
                + "A3UCXD63FCFXMX7GH64FZM5EAHH3PGLKWRMBHPGY4AA3MGM6SXPQ,fd00::f054:f1ab:89ed:c146",
        "f5501011742f57e03bd900653283a70eb27d1f59b185eeb5ba5c2a4307856a4834be07d6aa7cd6c10d8262678079e9f1436de65a25a7b50d015663881fdfcb69,"
                + "BVMXJRUH7FVKYBZBXJ7HQVHDIMDO7ADRUUQLYMDU6X7SARNP5OXA,fd00::156:6388:1fdf:cb69",
        "8083d294822d4a53a134c58fae3eb78e3d1c3f3014f6500390d51c098ec3a77f8f6a8bd841afa07d63611646944bd9c310287ea3363645fea5117346c3a1bf81,"
                + "GJU4ACOW36Q3IBL45T2TRQ63M6FNQYEJMLPJNDJETIOVIEFD7MGQ,fd00::a511:7346:c3a1:bf81"
    })
    void derivesTheIdAndAddressOfKnownKeys(String point, String id, String vip) {
        byte[] key = HEX.parseHex("04" + point);

        assertThat(NodeId.of(key).text()).isEqualTo(id);
        assertThat(Ip.text(NodeId.vip(key))).isEqualTo(vip);
    }

    @Test
    void anEd25519KeyIsItsOwnId() {
        byte[] key = new byte[32];
        for (int i = 0; i < key.length; i++) {
            key[i] = (byte) i;
        }

        assertThat(NodeId.of(key).text()).isEqualTo("AAAQEAYEAUDAOCAJBIFQYDIOB4IBCEQTCQKRMFYYDENBWHA5DYPQ");
        assertThat(Ip.text(NodeId.vip(key))).isEqualTo("fd00::1819:1a1b:1c1d:1e1f");
    }

    @Test
    void readsTheFirstLabelOfANameWhateverItsCase() {
        String id = "A3UCXD63FCFXMX7GH64FZM5EAHH3PGLKWRMBHPGY4AA3MGM6SXPQ";

        assertThat(NodeId.named(id.toLowerCase(java.util.Locale.ROOT) + ".m")).contains(new NodeId(id));
        assertThat(NodeId.named("db.m")).isEmpty();
        assertThat(new NodeId(id).identity()).isEqualTo("key:" + id);
    }

    @Test
    void refusesWhatIsNoId() {
        assertThatThrownBy(() -> new NodeId("A3UC"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected 52 characters");
    }
}
