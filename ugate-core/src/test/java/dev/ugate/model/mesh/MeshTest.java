package dev.ugate.model.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Cidr;
import dev.ugate.model.HostPort;
import dev.ugate.model.Peer;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class MeshTest {
    private static final String ID = "a3ucxd63fcfxmx7gh64fzm5eahh3pglkwrmbhpgy4aa3mgm6sxpq";
    private static final Peer LOCAL =
            Peer.of(new InetSocketAddress("127.0.0.1", 4000), new InetSocketAddress("127.0.0.1", 1080));

    private final Mesh mesh = new Mesh(
            Mesh.STANDARD.suffixes(),
            List.of(Cidr.parse("10.244.0.0/16")),
            Mesh.Mode.STRICT,
            Mesh.STANDARD.ways(),
            List.of(
                    new Mesh.Workload("web", List.of(Peer.Pattern.parse("10.0.0.0/8")), List.of()),
                    new Mesh.Workload("edge", List.of(), List.of("0.0.0.0:1080"))));

    @Test
    void namesAreInsideByWholeLabels() {
        assertThat(mesh.includes(HostPort.parse("db.m:5432"))).isTrue();
        assertThat(mesh.includes(HostPort.parse("x.h.mesh.internal:1"))).isTrue();
        assertThat(mesh.includes(HostPort.parse("example.com:443"))).isFalse();
        assertThat(mesh.includes(HostPort.parse("team:443"))).isFalse();
    }

    @Test
    void addressesAreInsideByTheirBlock() {
        assertThat(mesh.includes(HostPort.parse("10.244.3.4:80"))).isTrue();
        assertThat(mesh.includes(HostPort.parse("10.245.3.4:80"))).isFalse();
        assertThat(Mesh.STANDARD.includes(HostPort.parse("[fd00::f054:f1ab:89ed:c146]:80")))
                .isTrue();
    }

    @Test
    void aSelfCertifyingNameStandsForItsNodeOnlyInsideTheMesh() {
        assertThat(mesh.node(ID + ".m")).contains(new NodeId(ID));
        assertThat(mesh.node(ID + ".example.org")).isEmpty();
        assertThat(mesh.node("db.m")).isEmpty();
    }

    @Test
    void theFirstWorkloadThatFitsSpeaks() {
        assertThat(mesh.workload(LOCAL, Optional.empty())).isEmpty();
        assertThat(mesh.workload(LOCAL, Optional.of("0.0.0.0:1080"))).contains("edge");
        Peer pod = Peer.of(new InetSocketAddress("10.1.1.1", 4000), new InetSocketAddress("10.1.1.2", 1080));
        assertThat(mesh.workload(pod, Optional.of("0.0.0.0:1080"))).contains("web");
    }
}
