package dev.ugate.app.reverse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.config.Config;
import dev.ugate.config.ConfigFile;
import dev.ugate.model.Identity;
import dev.ugate.model.mesh.NodeId;
import dev.ugate.net.reverse.Reverse;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ClaimsTest {
    private static final NodeId ANN = NodeId.of(new byte[] {1});
    private static final NodeId BEN = NodeId.of(new byte[] {2});
    private static final Config CONFIG = ConfigFile.parse(
            "version: 1\nlisteners: [{address: \"127.0.0.1:0\"}]\n"
                    + "mesh: {reverseNames: [{name: \"*.edge.m\", from: [\"spiffe://td/ns/edge/**\"]}]}\n"
                    + "limits: {reverseNames: 3, reverseTunnels: 2}\n",
            Path.of("/"));
    private final Reverse.Terms terms = named(Optional.empty()).terms();

    private static Names named(Optional<String> identity) {
        return new Names(CONFIG, () -> identity, () -> identity.map(name -> ANN));
    }

    private static Identity identity(String name) {
        return new Identity(name, Identity.Proof.KEY);
    }

    private static String name(NodeId id) {
        return id.text().toLowerCase(Locale.ROOT) + ".m";
    }

    @Test
    void aNameThatIsAKeyIsForItsHolderAlone() {
        assertThat(terms.allows(name(ANN), identity(ANN.identity()))).isTrue();
        assertThat(terms.allows(name(ANN), identity(BEN.identity()))).isFalse();
        assertThat(terms.allows("x." + name(ANN), identity(ANN.identity()))).isFalse();
    }

    @Test
    void anyOtherNameNeedsARule() {
        Identity edge = identity("spiffe://td/ns/edge/sa/db");
        assertThat(terms.allows("db.edge.m", edge)).isTrue();
        assertThat(terms.allows("edge.m", edge)).isFalse();
        assertThat(terms.allows("db.edge.m", identity("spiffe://td/ns/web/sa/db")))
                .isFalse();
        assertThat(terms.allows("db.m", edge)).isFalse();
        assertThat(terms.reserves("db.edge.m")).isTrue();
        assertThat(terms.reserves("db.m")).isFalse();
        assertThat(terms.mostNames()).isEqualTo(3);
        assertThat(terms.mostTunnels()).isEqualTo(2);
    }

    @Test
    void aNodeIsCalledByItsKeyUnderEverySuffix() {
        assertThat(named(Optional.of(ANN.identity())).own())
                .contains(name(ANN))
                .hasSize(CONFIG.mesh().mesh().suffixes().size());
        assertThat(named(Optional.of(ANN.identity())).claimed()).contains(name(ANN));
        assertThat(named(Optional.empty()).own()).isEmpty();
    }

    @Test
    void aCertificateTakesNoNameAwayButGivesAGatewayNoReason() {
        Names certified = named(Optional.of("spiffe://td/ns/a/sa/b"));
        assertThat(certified.own()).contains(name(ANN));
        assertThat(certified.claimed()).isEmpty();
    }
}
