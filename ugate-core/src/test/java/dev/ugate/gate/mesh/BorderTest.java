package dev.ugate.gate.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.gate.mesh.Drop.Reason;
import dev.ugate.model.Carrier;
import dev.ugate.model.Cidr;
import dev.ugate.model.Endpoint;
import dev.ugate.model.HostPort;
import dev.ugate.model.Intent;
import dev.ugate.model.Ip;
import dev.ugate.model.Peer;
import dev.ugate.model.Refusal;
import dev.ugate.model.mesh.Mesh;
import dev.ugate.model.mesh.NodeId;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class BorderTest {
    private static final List<Carrier> HBONE = List.of(Carrier.of("hbone"), Carrier.MESH_TLS, Carrier.TCP);
    private static final List<Carrier> CONNECT = List.of(Carrier.of("http"), Carrier.MESH_TLS, Carrier.TCP);
    private static final byte[] KEY = new byte[65];
    private static final NodeId NODE = NodeId.of(KEY);
    private static final String NODE_NAME = NODE.text().toLowerCase(Locale.ROOT) + ".m";
    private static final String DB = "spiffe://cluster.local/ns/db/sa/db";
    private static final HostPort ASKED = HostPort.parse("db.m:5432");
    private static final HostPort OUTSIDE = HostPort.parse("www.example:443");

    private final List<Drop> told = new ArrayList<>();
    private Optional<String> name = Optional.empty();

    private Border border(Mesh.Mode mode) {
        Mesh mesh =
                new Mesh(List.of(".m"), List.of(Cidr.parse("10.244.0.0/16")), mode, List.of(HBONE, CONNECT), List.of());
        return new Border(
                mesh,
                vip -> vip.equals(NodeId.vip(KEY)) ? Optional.of(new Vips.Alias(vip, NODE, name)) : Optional.empty(),
                told::add);
    }

    private final Border strict = border(Mesh.Mode.STRICT);
    private final Border audit = border(Mesh.Mode.AUDIT);

    private static Endpoint at(String... addresses) {
        List<SocketAddress> all = new ArrayList<>();
        for (String address : addresses) {
            HostPort at = HostPort.parse(address);
            all.add(new InetSocketAddress(at.literal().orElseThrow(), at.port()));
        }
        return Endpoint.tcp(new HostPort("replica.example", 5432), all);
    }

    private static Crossing across(Border border, HostPort asked, Endpoint... endpoints) {
        return border.across(asked, asked, List.of(List.of(endpoints)));
    }

    @Test
    void whatIsOutsideIsLeftAlone() {
        List<List<Endpoint>> stages = List.of(List.of(at("192.0.2.1:443")));
        Crossing crossing = strict.across(OUTSIDE, OUTSIDE, stages);
        assertThat(crossing.stages()).isSameAs(stages);
        assertThat(crossing.drops()).isEmpty();
        assertThat(crossing.notes()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "db.m:5432, 192.0.2.1:5432", // by the asked name
        "www.example:443, 10.244.3.4:443", // by the address that a name of the internet resolves to
        "10.244.0.9:80, 10.244.0.9:80" // a literal that no source claimed
    })
    void strictModeDialsNothingInTheClear(String asked, String address) {
        Crossing crossing = across(strict, HostPort.parse(asked), at(address));
        assertThat(crossing.stages()).isEmpty();
        assertThat(crossing.drops()).hasSize(1);
        Drop drop = crossing.drops().get(0);
        assertThat(drop.reason()).isEqualTo(Reason.NO_CARRIER);
        assertThat(drop.enforced()).isTrue();
        assertThat(drop.why().reason()).isEqualTo(Refusal.UPSTREAM_IDENTITY);
        assertThat(drop.why().text())
                .isEqualTo("mesh: endpoint replica.example:5432: expected an authenticated carrier (strict)");
        assertThat(crossing.refusal()).contains(drop.why());
        assertThat(told).as("looking is not dropping").isEmpty();
    }

    @Test
    void auditModeDialsAndSaysWhatStrictWouldNot() {
        Endpoint clear = at("10.244.0.9:80");
        Crossing crossing = across(audit, ASKED, clear);
        assertThat(crossing.stages()).containsExactly(List.of(clear));
        assertThat(crossing.drops())
                .singleElement()
                .satisfies(drop -> assertThat(drop.enforced()).isFalse());
        assertThat(crossing.refusal()).isEmpty();
    }

    /** T84: one address outside does not make the others harmless. */
    @Test
    void oneInsideAddressOfManyIsEnough() {
        assertThat(across(strict, OUTSIDE, at("192.0.2.1:80", "10.244.0.9:80")).stages())
                .isEmpty();
        assertThat(across(strict, ASKED, at("127.0.0.1:80", "192.0.2.1:80")).stages())
                .isEmpty();
    }

    @Test
    void theNodesOwnApplicationNeedsNoProof() {
        Endpoint unix = Endpoint.tcp(ASKED, List.of(UnixDomainSocketAddress.of("/run/db.sock")));
        Endpoint near = at("127.0.0.1:5432", "[::1]:5432");
        assertThat(across(strict, ASKED, unix, near).stages()).containsExactly(List.of(unix, near));
        HostPort self = HostPort.parse(NODE_NAME + ":80");
        assertThat(across(strict, self, near).stages())
                .as("its own name expects nothing of it either")
                .containsExactly(List.of(near));
    }

    /** A connection that the far end keeps open has an address of its own kind. */
    @Test
    void whatIsNoAddressOfThisMachineIsNotLocal() {
        SocketAddress elsewhere = new SocketAddress() {
            private static final long serialVersionUID = 1L;
        };
        Endpoint tunnel = Endpoint.tcp(ASKED, List.of(elsewhere));
        assertThat(across(strict, ASKED, tunnel).drops()).hasSize(1);
        Endpoint proven = tunnel.withVia(List.of(new Carrier("reverse", java.util.Map.of(), true)))
                .withIdentity(DB);
        assertThat(across(strict, ASKED, proven).stages()).containsExactly(List.of(proven));
        assertThat(across(strict, ASKED, Endpoint.tcp(ASKED, List.of(InetSocketAddress.createUnresolved("db.m", 1))))
                        .drops())
                .hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tls", "hbone", "socks5", "ws"})
    void carriersThatProveNothingAreInTheClear(String word) {
        Endpoint endpoint = at("10.244.0.9:80")
                .withVia(List.of(Carrier.of(word), Carrier.TCP))
                .withIdentity(DB);
        assertThat(across(strict, ASKED, endpoint).drops())
                .extracting(Drop::reason)
                .containsExactly(Reason.NO_CARRIER);
    }

    @Test
    void aProofAnywhereInTheChainIsEnoughButNotWithoutAName() {
        List<Carrier> inside = List.of(Carrier.MESH_TLS, Carrier.of("hbone"), Carrier.TCP);
        Endpoint named = at("10.244.0.9:80").withVia(inside).withIdentity(DB);
        assertThat(across(strict, ASKED, named).stages()).containsExactly(List.of(named));
        Endpoint nameless = at("10.244.0.9:80").withVia(inside);
        assertThat(across(strict, ASKED, nameless).drops())
                .extracting(Drop::reason)
                .containsExactly(Reason.NO_IDENTITY);
    }

    @Test
    void endpointsThatSayNoCarriersGetThoseOfTheMeshInOrder() {
        Endpoint first = at("192.0.2.1:5432").withIdentity(DB);
        Endpoint second = at("192.0.2.2:6000").withIdentity(DB).withOwnPort();
        Endpoint said = at("192.0.2.3:443").withVia(CONNECT).withIdentity(DB);
        Crossing crossing = across(strict, ASKED, first, second, said);
        assertThat(crossing.drops()).isEmpty();
        assertThat(crossing.stages()).hasSize(2);
        assertThat(crossing.stages().get(0)).extracting(Endpoint::via).containsExactly(HBONE, HBONE, CONNECT);
        assertThat(crossing.stages().get(1)).extracting(Endpoint::via).containsExactly(CONNECT, CONNECT);
        assertThat(crossing.stages().get(0).stream().limit(2))
                .allSatisfy(e -> assertThat(e.host()).isEqualTo(ASKED))
                .flatExtracting(Endpoint::addresses)
                .extracting(address -> Ip.text(address))
                .containsExactly("192.0.2.1:15008", "192.0.2.2:6000");
        assertThat(crossing.stages().get(0)).extracting(Endpoint::key).doesNotHaveDuplicates();
    }

    @Test
    void laterStagesStayBehindEarlierOnes() {
        Endpoint main = at("192.0.2.1:1").withIdentity(DB);
        Endpoint reserve = at("192.0.2.2:1").withIdentity(DB);
        Crossing crossing = strict.across(ASKED, ASKED, List.of(List.of(main), List.of(reserve)));
        assertThat(crossing.stages())
                .extracting(stage -> stage.get(0).via() + " "
                        + Ip.text(stage.get(0).addresses().get(0)))
                .containsExactly(
                        "[hbone, mtls, tcp] 192.0.2.1:15008",
                        "[http, mtls, tcp] 192.0.2.1:15008",
                        "[hbone, mtls, tcp] 192.0.2.2:15008",
                        "[http, mtls, tcp] 192.0.2.2:15008");
    }

    @Test
    void aSelfCertifyingNameExpectsItsKey() {
        HostPort asked = HostPort.parse(NODE_NAME + ":80");
        Crossing crossing = across(strict, asked, at("192.0.2.1:80"));
        assertThat(crossing.stages().get(0).get(0).identity()).contains(NODE.identity());
        assertThat(crossing.stages().get(0).get(0).via()).isEqualTo(HBONE);
        assertThat(crossing.notes()).anyMatch(note -> note.contains("self-certifying"));
        assertThat(across(
                                strict,
                                asked,
                                at("192.0.2.1:80")
                                        .withIdentity("key:" + NODE.text().toLowerCase(Locale.ROOT)))
                        .stages())
                .isNotEmpty();
    }

    @Test
    void anotherIdentityThanTheNamesIsRefusedInEitherMode() {
        HostPort asked = HostPort.parse(NODE_NAME + ":80");
        for (Border border : List.of(strict, audit)) {
            Crossing crossing = across(border, asked, at("192.0.2.1:80").withIdentity(DB));
            assertThat(crossing.stages()).isEmpty();
            assertThat(crossing.drops())
                    .singleElement()
                    .satisfies(drop -> assertThat(drop.reason()).isEqualTo(Reason.OTHER_IDENTITY));
            assertThat(crossing.refusal()).isPresent();
        }
        // A route from one self-certifying name to another: neither can be kept.
        byte[] other = new byte[65];
        other[64] = 1;
        HostPort sought = HostPort.parse(NodeId.of(other).text().toLowerCase(Locale.ROOT) + ".m:80");
        assertThat(strict.across(asked, sought, List.of(List.of(at("192.0.2.1:80"))))
                        .stages())
                .isEmpty();
    }

    @Test
    void aRoutesDestinationCountsBesideWhatWasAsked() {
        List<List<Endpoint>> stages = List.of(List.of(at("192.0.2.1:80")));
        assertThat(strict.across(OUTSIDE, ASKED, stages).stages()).isEmpty();
        assertThat(strict.across(ASKED, OUTSIDE, stages).stages()).isEmpty();
    }

    @Test
    void aVipBecomesTheNameOfItsNode() {
        String vip = Ip.text(NodeId.vip(KEY));
        Intent intent = Intent.bytes(
                "socks5", Peer.of(new InetSocketAddress(0), new InetSocketAddress(0)), new HostPort(vip, 80));
        assertThat(strict.named(intent).target()).isEqualTo(HostPort.parse(NODE_NAME + ":80"));
        name = Optional.of("db.m");
        assertThat(strict.named(intent).target()).as("what the file calls it").isEqualTo(HostPort.parse("db.m:80"));
        Intent other = intent.withTarget(new HostPort("fd00::1:2:3:4", 80));
        assertThat(strict.named(other)).isSameAs(other);
        Intent name = intent.withTarget(ASKED);
        assertThat(strict.named(name)).isSameAs(name);
    }

    @Test
    void onlyNamesOfTheMeshAreMissed() {
        strict.unresolved(OUTSIDE, dev.ugate.model.Refused.because(Refusal.UNRESOLVED, "x"));
        assertThat(told).isEmpty();
        strict.unresolved(ASKED, dev.ugate.model.Refused.because(Refusal.UNRESOLVED, "x"));
        assertThat(told).extracting(Drop::reason).containsExactly(Reason.UNRESOLVED);
    }

    @Test
    void aMeshWithoutWaysDialsNothingThatMustProveItself() {
        Border none = new Border(
                new Mesh(List.of(".m"), List.of(), Mesh.Mode.STRICT, List.of(), List.of()),
                vip -> Optional.empty(),
                told::add);
        assertThat(across(none, ASKED, at("192.0.2.1:1").withIdentity(DB)).stages())
                .isEmpty();
    }
}
