package dev.ugate.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.config.dns.DnsConfig;
import dev.ugate.config.mesh.MeshConfig;
import dev.ugate.config.mesh.MeshConfig.KeyFiles;
import dev.ugate.config.ssh.PathPattern;
import dev.ugate.config.ssh.SshConfig;
import dev.ugate.config.ssh.SshOffers;
import dev.ugate.config.yaml.Kind;
import dev.ugate.model.Balance;
import dev.ugate.model.Bytes;
import dev.ugate.model.Carrier;
import dev.ugate.model.Cidr;
import dev.ugate.model.HostPort;
import dev.ugate.model.Ip;
import dev.ugate.model.Limits;
import dev.ugate.model.Peer;
import dev.ugate.model.Refused;
import dev.ugate.model.Route;
import dev.ugate.model.Timeouts;
import dev.ugate.model.http.HttpVersion;
import dev.ugate.model.mesh.Mesh;
import dev.ugate.policy.Rules;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Credentials;
import dev.ugate.spi.Ingress;
import dev.ugate.spi.Ingress.Forward;
import dev.ugate.spi.Ingress.HttpRules;
import dev.ugate.spi.Journal;
import dev.ugate.spi.Settings;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ConfigFileTest {
    @TempDir
    private Path folder;

    @Test
    void embeddedDefaultServesLocalPeersOnly() {
        Config config = ConfigFile.embedded();

        assertThat(config.listeners()).hasSize(1);
        assertThat(config.listeners().get(0).address()).hasToString("127.0.0.1:1080");
        assertThat(config.listeners().get(0).forward()).isEqualTo(Forward.OPEN);
        assertThat(config.listeners().get(0).protocols()).isEmpty();
        assertThat(config.policy().open()).isFalse();
        assertThat(config.policy().allow()).hasSize(1);
        assertThat(config.policy().allow().get(0).name()).isEqualTo("local-peers");
        assertThat(config.policy().allow().get(0).when().from()).hasToString("[127.0.0.0/8, ::1/128, unix]");
        assertThat(config.discovery()).isEqualTo(DiscoveryConfig.STANDARD);
        assertThat(config.process()).isEqualTo(ProcessConfig.STANDARD);
        assertThat(config.timeouts()).isEqualTo(Timeouts.STANDARD);
        assertThat(config.limits()).isEqualTo(Limits.STANDARD);
    }

    @Test
    void theShortestFileHasEveryDefault() {
        Config config = parse("version: 1\nlisteners: [{address: '127.0.0.1:0'}]");

        assertThat(config.routes()).isEmpty();
        assertThat(config.policy()).isEqualTo(new Rules(List.of(), List.of(), false));
        assertThat(config.certificates()).isEmpty();
        assertThat(config.listeners().get(0).duty().role()).isEqualTo(ListenerConfig.Role.GATEWAY);
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:1,OPEN",
        "'[::1]:1',OPEN",
        "unix:/x,OPEN",
        "localhost:1,OPEN",
        "0.0.0.0:1,NONE",
        "10.0.0.1:1,NONE",
        "*:1,NONE"
    })
    void forwardIsOpenOnlyWhereOthersCannotCome(String address, Forward forward) {
        assertThat(parse("version: 1\nlisteners: [{address: '" + address + "'}]")
                        .listeners()
                        .get(0)
                        .forward())
                .isEqualTo(forward);
    }

    private static SshOffers.Sockets sockets(String path, String name) {
        return new SshOffers.Sockets(new PathPattern(path), name);
    }

    @Test
    void readsEveryKey() throws IOException {
        Config config = full();
        ListenerConfig first = config.listeners().get(0);

        assertThat(first.forward()).isEqualTo(Forward.AUTHENTICATED);
        assertThat(first.users().orElseThrow().check("ann", "correct horse")).isPresent();
        assertThat(first.trustedProxies()).containsExactly(Cidr.parse("10.0.0.0/8"), Cidr.parse("192.0.2.1"));
        assertThat(first.targets())
                .isEqualTo(new ListenerConfig.Targets(
                        Optional.of(8443),
                        Optional.empty(),
                        Optional.of(new HostPort("db.internal", 5432)),
                        Optional.of("ssh")));
        assertThat(first.http())
                .isEqualTo(new HttpRules(
                        HttpRules.Forwarded.BOTH,
                        HttpRules.Trace.START,
                        HttpRules.EncodedSlash.KEEP,
                        List.of(Cidr.parse("192.0.2.0/24")),
                        Optional.of(new Ingress.WebSocket("/ws", List.of("https://app.example")))));
        assertThat(config.listeners().get(1).http()).isEqualTo(HttpRules.STANDARD);
        assertThat(config.listeners())
                .extracting(l -> l.address().toString())
                .containsExactly(
                        "0.0.0.0:8443",
                        "unix:/run/ugate.sock",
                        "udp:[::1]:5353",
                        "0.0.0.0:3306",
                        "0.0.0.0:15001",
                        "0.0.0.0:15008",
                        "127.0.0.1:15009");
        assertThat(config.certificates())
                .containsExactly(new CertificateFiles(
                        folder.resolve("web.pem"),
                        folder.resolve("web.key"),
                        CertificateFiles.ClientAuth.REQUIRE,
                        Optional.of(folder.resolve("web.pem"))));
        assertThat(config.process().loops())
                .isEqualTo(new ProcessConfig.Loops(Optional.of(2), ProcessConfig.Backend.IO_URING, 1337));
        assertThat(config.process().log().file()).contains(folder.resolve("log/ugate.log"));
        assertThat(config.timeouts().drain()).isEqualTo(Duration.ofDays(1));
        assertThat(config.limits().relayBuffer()).isEqualTo(new Bytes(9 << 20));
        assertThat(config.discovery().dns().servers())
                .containsExactly(
                        HostPort.parse("10.0.0.2:53"),
                        HostPort.parse("10.0.0.3:5353"),
                        HostPort.parse("[::1]:53"),
                        HostPort.parse("[::1]:54"));
        assertThat(config.discovery().dns().keep())
                .isEqualTo(new DnsConfig.Keep(
                        Duration.ofSeconds(1),
                        Duration.ofHours(1),
                        Duration.ZERO,
                        Duration.ofSeconds(10),
                        Duration.ofHours(12),
                        500,
                        32));
    }

    @Test
    void upstreamBecomesCarriersFromTheInnermostOut() throws IOException {
        Route.Forward shop = (Route.Forward) full().routes().get(0).action();
        Carrier tls =
                new Carrier("tls", Map.of("ca", folder.resolve("web.pem").toString(), "serverName", "shop.example"));
        Carrier socks = new Carrier("socks5", Map.of("user", "ann", "password", "p@ss:w"));
        List<Carrier> via = List.of(tls, Carrier.of("proxy-v2"), socks, Carrier.TCP);
        Optional<HostPort> through = Optional.of(HostPort.parse("10.0.0.1:1080"));

        assertThat(shop.to())
                .containsExactly(
                        new Route.Destination(Optional.of("10.0.0.7:443"), 3, via, through),
                        new Route.Destination(Optional.of("unix:/run/shop.sock"), 1, via, through));
        assertThat(shop.health()).contains(new Route.Health(Optional.of("/healthz"), Duration.ofSeconds(7)));
        assertThat(shop.balance()).contains(Balance.PEAK_EWMA);
    }

    @Test
    void otherActionsBecomeWhatTheySay() throws IOException {
        List<Route> routes = full().routes();

        assertThat(routes.get(1).action())
                .isEqualTo(new Route.Forward(
                        List.of(new Route.Destination(
                                Optional.of("10.0.0.7:443"),
                                1,
                                List.of(Carrier.of("tls"), Carrier.TCP),
                                Optional.empty())),
                        Optional.empty(),
                        Optional.of(new Route.Health(Optional.empty(), Duration.ofSeconds(5)))));
        assertThat(routes.get(2).action()).isEqualTo(new Route.Deny());
        assertThat(routes.get(3).action()).isEqualTo(new Route.Local(503, "später\n"));
        assertThat(((Route.Forward) routes.get(4).action()).to())
                .containsExactly(new Route.Destination(
                        Optional.empty(),
                        1,
                        List.of(Carrier.of("proxy-v1"), Carrier.TCP),
                        Optional.empty(),
                        HttpVersion.H2));
    }

    @Test
    void servicesTakeTheirWeightWhereAnEndpointNamesNone() throws IOException {
        DiscoveryConfig.Service service = full().discovery().services().get(0);

        assertThat(service.endpoints()).extracting(Route.Destination::weight).containsExactly(2, 5);
        assertThat(service.identity()).contains("spiffe://cluster.local/ns/db/sa/db");
    }

    @Test
    void readsTheSshSection() throws IOException {
        SshConfig ssh = full().ssh();

        assertThat(ssh.authorizedKeys()).containsExactly(folder.resolve("users"), folder.resolve("revoked.txt"));
        assertThat(ssh.ownKeys()).isTrue();
        assertThat(ssh.userCa())
                .containsExactly(
                        new SshConfig.UserCa(folder.resolve("web.pem"), Set.of()),
                        new SshConfig.UserCa(folder.resolve("users"), Set.of("cluster.local", "other.example")));
        assertThat(ssh.shown().hostKey()).contains(folder.resolve("web.key"));
        assertThat(ssh.files()).hasSize(9);
        assertThat(ssh.keyExchange()).containsExactly("mlkem768x25519-sha256", "curve25519-sha256");
        assertThat(ssh.offers().open())
                .containsExactly(sockets("/run/app/*.sock", "unix.localhost"), sockets("/run/docker.sock", "docker.m"));
        assertThat(ssh.offers().listen()).containsExactly(sockets("/run/guests/?.sock", "unix.localhost"));
        assertThat(ssh.offers().forced()).isTrue();
        assertThat(ssh.offers().commands())
                .containsExactly(
                        new SshOffers.Command(
                                Peer.Pattern.parse("user:alice"),
                                List.of("/usr/bin/rbash", "-r"),
                                List.of("/usr/lib/openssh/sftp-server")),
                        new SshOffers.Command(Peer.Pattern.parse("*"), List.of("/bin/true"), List.of()));
        assertThat(full().limits().ssh().sshRekeyTime()).isEqualTo(Duration.ofMinutes(46));
    }

    private Config withSsh(String section) {
        Samples.in(folder);
        return parse("version: 1\nlisteners: [{address: '127.0.0.1:0'}]\n" + section);
    }

    @Test
    void ownKeysAreForThoseWhoSayNothingOfOthers() {
        assertThat(withSsh("").ssh()).isEqualTo(SshConfig.STANDARD);
        assertThat(withSsh("ssh: {session: none}\n").ssh()).isEqualTo(SshConfig.STANDARD);
        assertThat(withSsh("ssh: {session: forced}\n").ssh().offers())
                .isEqualTo(new SshOffers(List.of(), List.of(), true, List.of()));
        assertThat(withSsh("ssh: {userCa: web.pem}\n").ssh().ownKeys()).isFalse();
        assertThat(withSsh("ssh: {authorizedKeys: users, ownKeys: true}\n")
                        .ssh()
                        .ownKeys())
                .isTrue();
    }

    @Test
    void readsTheMesh() throws IOException {
        MeshConfig mesh = full().mesh();
        KeyFiles web = new KeyFiles(folder.resolve("web.pem"), Optional.of(folder.resolve("web.key")));

        assertThat(mesh.mesh())
                .isEqualTo(new Mesh(
                        List.of(".mesh", ".m.example.com"),
                        List.of(Cidr.parse("10.244.0.0/16")),
                        Mesh.Mode.AUDIT,
                        List.of(
                                List.of(Carrier.of("http"), Carrier.MESH_TLS, Carrier.TCP),
                                List.of(Carrier.of("hbone"), Carrier.MESH_TLS, Carrier.of("ws"), Carrier.TCP),
                                List.of(Carrier.of("hbone"), Carrier.MESH_TLS, Carrier.TCP)),
                        List.of(
                                new Mesh.Workload(
                                        "shop", List.of(Peer.Pattern.parse("10.1.0.0/16")), List.of("0.0.0.0:3306")),
                                new Mesh.Workload("rest", List.of(), List.of()))));
        assertThat(mesh.trust())
                .containsExactly(
                        new MeshConfig.Anchor("cluster.local", web.cert()),
                        new MeshConfig.Anchor("other.example", web.cert()));
        assertThat(mesh.certificate()).contains(web);
        assertThat(mesh.workloads()).isEqualTo(Map.of("shop", web, "rest", web));
        assertThat(mesh.revoked()).contains(folder.resolve("revoked.txt"));
        assertThat(mesh.seal()).contains(folder.resolve("seal.key"));
        assertThat(mesh.reverse())
                .containsExactly(
                        new MeshConfig.Reverse(
                                HostPort.parse("gate.example:15008"),
                                Optional.of("spiffe://cluster.local/ns/gate/sa/gate"),
                                List.of("app.m", "other.m")),
                        new MeshConfig.Reverse(HostPort.parse("192.0.2.9:443"), Optional.empty(), List.of()));
        assertThat(mesh.files()).hasSize(2 + 2 + 1 + 4).doesNotContain(folder.resolve("seal.key"));
    }

    @Test
    void withoutItsSectionTheMeshIsTheStandardOne() {
        assertThat(ConfigFile.embedded().mesh()).isEqualTo(MeshConfig.STANDARD);
        Samples.in(folder);
        assertThat(parse("version: 1\nlisteners: [{address: '127.0.0.1:0'}]\nmesh: {certificate: {cert: web.pem}}")
                        .mesh()
                        .certificate())
                .contains(new KeyFiles(folder.resolve("web.pem"), Optional.empty()));
        assertThat(parse("version: 1\nlisteners: [{address: '127.0.0.1:0'}]\nmesh: {suffixes: []}")
                        .mesh()
                        .mesh()
                        .suffixes())
                .isEmpty();
    }

    @Test
    void aPublicKeyIsAnIdentityAndAnAddress() throws IOException {
        DiscoveryConfig.Service alice = full().discovery().services().get(1);
        String id = "A3UCXD63FCFXMX7GH64FZM5EAHH3PGLKWRMBHPGY4AA3MGM6SXPQ";

        assertThat(alice.identity()).contains("key:" + id);
        assertThat(alice.publicKey().orElseThrow().id()).hasToString(id);
        assertThat(alice.publicKey().orElseThrow().vip())
                .isEqualTo(Ip.parse("fd00::f054:f1ab:89ed:c146").orElseThrow());
        assertThat(alice.endpoints().get(0).via())
                .containsExactly(
                        Carrier.of("hbone"), Carrier.MESH_TLS, Carrier.of("hbone"), Carrier.of("ws"), Carrier.TCP);
    }

    @Test
    void effectiveFormReadsBackEqual() throws IOException {
        Config config = full();

        assertThat(ConfigFile.parse(config.effective(), Path.of("/"))).isEqualTo(config);
        assertThat(ConfigFile.parse(ConfigFile.embedded().effective(), Path.of("/")))
                .isEqualTo(ConfigFile.embedded());
    }

    @Test
    void effectiveFormNamesEveryKey() throws IOException {
        Set<String> keys = new TreeSet<>();
        collect(new Schema(Vocabulary.STANDARD).root(), keys);
        keys.removeAll(Set.of("host", "tcp", "http"));
        String text = full().effective();

        assertThat(keys).allSatisfy(key -> assertThat(text).containsPattern("(?m)(^|[ {])" + key + ":"));
        assertThat(text).contains("host: ", "tcp: true", "http: \"/healthz\"");
    }

    @Test
    void shownFormHidesPasswords() throws IOException {
        assertThat(full().shown()).contains("socks5://ann:***@10.0.0.1:1080").doesNotContain("p%40ss", "p@ss");
        assertThat(full().toString()).doesNotContain("p@ss");
    }

    @Test
    void aListenerTellsItsProtocolsWhatTheyNeed() throws IOException {
        Settings settings = new Settings(Timeouts.STANDARD, Limits.STANDARD, new NoJournal());
        Ingress ingress = full().listeners().get(0).ingress(settings, Runnable::run, Set.of("own.m"));

        assertThat(ingress.name()).isEqualTo("0.0.0.0:8443");
        assertThat(ingress.users().check("ann", "correct horse").getNow(Optional.empty()))
                .isPresent();
        assertThat(ingress.fallback()).contains(HostPort.parse("db.internal:5432"));
        assertThat(full().listeners()
                        .get(1)
                        .ingress(settings, Runnable::run, Set.of())
                        .users())
                .isSameAs(Credentials.NONE);
    }

    @Test
    void aListenerSaysWhatIsForThisNode() throws IOException {
        Settings settings = new Settings(Timeouts.STANDARD, Limits.STANDARD, new NoJournal());
        List<Ingress.Arrival> arrivals = full().listeners().stream()
                .map(listener -> listener.ingress(settings, Runnable::run, Set.of("own.m"))
                        .arrival())
                .toList();

        assertThat(arrivals.get(0)).isEqualTo(new Ingress.Arrival(false, Optional.empty(), Optional.of("ssh")));
        assertThat(arrivals.get(1)).isEqualTo(Ingress.Arrival.DIRECT);
        assertThat(arrivals.get(4)).isEqualTo(new Ingress.Arrival(true, Optional.empty()));
        assertThat(full().listeners().get(4).protocols()).containsExactly("tls", "http");
        assertThat(full().listeners().get(4).forward()).isEqualTo(Forward.OPEN);
        assertThat(arrivals.get(5))
                .isEqualTo(new Ingress.Arrival(
                        false,
                        Optional.of(new Ingress.Inbound(
                                InetAddress.getLoopbackAddress(), List.of(Carrier.TCP), Set.of("own.m")))));
        Ingress.Inbound told = arrivals.get(6).inbound().orElseThrow();
        assertThat(told.app()).isEqualTo(Ip.parse("::1").orElseThrow());
        assertThat(told.names()).containsExactlyInAnyOrder("own.m", "orders.m");
        assertThat(told.via()).extracting(Carrier::name).containsExactly("proxy-v2", "tcp");
    }

    @Test
    void aMissingFileIsOneProblem() {
        assertThatThrownBy(() -> ConfigFile.read(folder.resolve("none.yaml")))
                .isInstanceOf(ConfigProblems.class)
                .hasMessage(folder.resolve("none.yaml") + ": no such file: expected it to exist");
    }

    @Test
    void filesThatAreNoTextOrTooLargeAreProblems() throws IOException {
        Path binary = Files.write(folder.resolve("b.yaml"), new byte[] {(byte) 0xFF, (byte) 0xFE, 0});
        Path large = Files.write(folder.resolve("l.yaml"), new byte[Folder.MAX_BYTES + 1]);

        assertThatThrownBy(() -> ConfigFile.read(binary)).hasMessage(binary + ": not UTF-8: expected text");
        assertThatThrownBy(() -> ConfigFile.read(large)).hasMessage(large + ": too large: expected at most 1MiB");
        assertThatThrownBy(() -> ConfigFile.read(folder)).isInstanceOf(ConfigProblems.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"../outside", "link", "none", "sub/../../outside"})
    void relativeNamesStayInTheFolder(String name) throws IOException {
        Path outside = Files.writeString(folder.resolve("outside"), "ann:" + Samples.DIGEST);
        Path inner = Files.createDirectory(folder.resolve("inner"));
        Files.createSymbolicLink(inner.resolve("link"), outside);

        assertThatThrownBy(() -> ConfigFile.parse(
                        "version: 1\nlisteners: [{address: '127.0.0.1:0', users: " + name + "}]", inner))
                .isInstanceOf(ConfigProblems.class)
                .hasMessageContaining("listeners[0].users: file ");
    }

    @Test
    void absoluteNamesMayBeAnywhere() {
        Samples.in(folder);

        assertThat(ConfigFile.parse(
                                "version: 1\nlisteners: [{address: '127.0.0.1:0', users: " + folder + "/users}]",
                                Path.of("/nowhere"))
                        .listeners()
                        .get(0)
                        .users())
                .isPresent();
    }

    @Test
    void problemsOfANamedFileCarryItsName() {
        Samples.in(folder);

        assertThatThrownBy(() -> parse("version: 1\nlisteners: [{address: '127.0.0.1:0', users: bad-users}]"))
                .hasMessageContaining(folder.resolve("bad-users") + ":1:1: password: not a known digest")
                .hasMessageContaining(folder.resolve("bad-users") + ":2:1: name: expected");
    }

    private Config full() throws IOException {
        Samples.in(folder);
        Path file = folder.resolve("full.yaml");
        Files.copy(Path.of("src/test/resources/full.yaml"), file, StandardCopyOption.REPLACE_EXISTING);
        return ConfigFile.read(file);
    }

    private Config parse(String text) {
        return ConfigFile.parse(text, folder);
    }

    private static void collect(Kind kind, Set<String> keys) {
        if (kind instanceof Kind.Mapping mapping) {
            mapping.keys().stream().filter(key -> key.later().isEmpty()).forEach(key -> {
                keys.add(key.name());
                collect(key.kind(), keys);
            });
        } else if (kind instanceof Kind.Sequence sequence) {
            collect(sequence.item(), keys);
        } else if (kind instanceof Kind.OneOrMany many) {
            collect(many.item(), keys);
        } else if (kind instanceof Kind.Either either) {
            collect(either.full(), keys);
        }
    }

    /** Hears nothing. */
    private static final class NoJournal implements Journal {
        @Override
        public void detected(Connection connection, String protocol, Duration waited) {}

        @Override
        public void failed(Connection connection, String protocol, Refused why, Told told) {}

        @Override
        public void ended(Ended stream) {}
    }
}
