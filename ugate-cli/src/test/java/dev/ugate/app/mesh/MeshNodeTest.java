package dev.ugate.app.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ugate.config.ConfigFile;
import dev.ugate.config.mesh.MeshConfig;
import dev.ugate.gate.mesh.Vips;
import dev.ugate.identity.KeyStore;
import dev.ugate.identity.NodeKey;
import dev.ugate.model.Limits;
import dev.ugate.model.mesh.Mesh;
import dev.ugate.model.mesh.NodeId;
import dev.ugate.net.Loops;
import dev.ugate.net.TcpTransport;
import dev.ugate.net.tls.Certificates;
import dev.ugate.testing.Listening;
import dev.ugate.testing.Members;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a node shows that has no files: its own key, renewed in time, under its own names. */
@Timeout(60)
final class MeshNodeTest {
    private static final Loops LOOPS = Loops.start(Loops.Backend.EPOLL, 1);
    private static final Instant START = Instant.now();

    private final KeyStore keys = KeyStore.memory();
    private volatile Duration passed = Duration.ZERO;
    private final MeshNode node = new MeshNode(
            keys,
            new Clock() {
                @Override
                public ZoneOffset getZone() {
                    return ZoneOffset.UTC;
                }

                @Override
                public Clock withZone(java.time.ZoneId zone) {
                    return this;
                }

                @Override
                public Instant instant() {
                    return START.plus(passed);
                }
            },
            Members.ALPN,
            new Vips());

    @AfterAll
    static void stop() {
        LOOPS.stop(1);
    }

    @Test
    void showsNothingBeforeItIsTold() {
        assertThat(node.identity()).isEmpty();
        assertThat(node.secondsLeft()).isZero();
        assertThat(chosen("", List.of("h2"))).isEmpty();
    }

    @Test
    void provesItsKeyForADay() throws IOException {
        node.prepare(MeshConfig.STANDARD).run();
        assertThat(node.identity()).contains(keys.key().id().identity());
        assertThat(node.secondsLeft()).isBetween(86_390L, 86_400L);
    }

    @Test
    void renewsItsCertificateAtHalfOfItsLife() throws IOException {
        node.prepare(MeshConfig.STANDARD).run();
        var tcp = new TcpTransport(LOOPS, Limits.STANDARD);
        node.begin(tcp, LOOPS.next(), task -> new Thread(task, "renewal").start());
        Instant before = node.until().orElseThrow();
        SslContext shown = chosen("", List.of("h2")).orElseThrow();
        passed = Duration.ofHours(10);
        await().during(Duration.ofMillis(1_500))
                .until(() -> node.until().orElseThrow().equals(before));
        passed = Duration.ofHours(14);
        await().until(() -> node.until().orElseThrow().isAfter(before));
        assertThat(node.identity()).contains(keys.key().id().identity());
        assertThat(chosen("", List.of("h2"))).isPresent().get().isNotSameAs(shown);
    }

    @Test
    void reloadThatChangesNoCredentialLeavesConnectionsAlone() throws IOException {
        node.prepare(MeshConfig.STANDARD).run();
        Optional<SslContext> shown = chosen("", List.of("h2"));
        passed = Duration.ofHours(1);
        node.prepare(MeshConfig.STANDARD).run();
        assertThat(chosen("", List.of("h2"))).isPresent().isEqualTo(shown);
    }

    @Test
    void answersForItsOwnNameAndForServicesButForNoOtherNode() throws IOException {
        node.prepare(MeshConfig.STANDARD).run();
        assertThat(chosen(name(keys.key().id()), List.of())).isPresent();
        assertThat(chosen("db.m", List.of())).isPresent();
        assertThat(chosen(name(NodeKey.generate().id()), List.of())).isEmpty();
        assertThat(chosen("db.example", List.of())).isEmpty();
    }

    @Test
    void fileThatIsMissingIsNamedAndChangesNothing() throws IOException {
        node.prepare(MeshConfig.STANDARD).run();
        Optional<String> before = node.identity();
        MeshConfig wrong = new MeshConfig(
                Mesh.STANDARD,
                List.of(new MeshConfig.Anchor("mesh.test", Path.of("/absent/root.pem"))),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                List.of(),
                List.of());
        assertThatThrownBy(() -> node.prepare(wrong))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("root.pem");
        assertThat(node.identity()).isEqualTo(before);
    }

    private static String name(NodeId id) {
        return id.text().toLowerCase(Locale.ROOT) + ".m";
    }

    private Optional<SslContext> chosen(String sni, List<String> alpn) {
        return node.certificates(() -> Certificates.NONE)
                .choose(Listening.open().ingress(), Optional.of(sni).filter(name -> !name.isEmpty()), alpn);
    }

    @Test
    void withoutAWordAboutAMeshNothingIsMadeBeforeAMemberIsMet() throws IOException {
        node.prepare(ConfigFile.embedded()).run();

        assertThat(node.identity()).contains(keys.key().id().identity());
        assertThat(node.secondsLeft()).isEqualTo(86_400);
        assertThat(node.isAsleep()).isTrue();
        assertThat(chosen("www.example", List.of("h2"))).isEmpty();
        assertThat(node.isAsleep()).isTrue();
        assertThat(chosen("", List.of("h2"))).isPresent();
        assertThat(node.isAsleep()).isFalse();
        node.prepare(ConfigFile.embedded()).run();
        assertThat(node.isAsleep()).isFalse();
    }

    @Test
    void aWordAboutAMeshWakesAtOnce() throws IOException {
        String listener = "version: 1\nlisteners: [{address: '127.0.0.1:0'}]\n";
        for (String word : List.of(
                "mesh: {mode: audit}",
                "routes: [{name: a, to: 'a.m:1', via: hbone}]",
                "discovery: {config: {services: [{name: a.m, endpoints: '10.0.0.1:1', via: connect}]}}")) {
            MeshNode other = new MeshNode(KeyStore.memory(), Clock.systemUTC(), Members.ALPN, new Vips());
            other.prepare(ConfigFile.parse(listener + word, Path.of("/"))).run();
            assertThat(other.isAsleep()).as(word).isFalse();
        }
    }
}
