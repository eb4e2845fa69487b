package dev.ugate.discovery.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Resolution;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DnsTest {
    private Rig rig;

    @BeforeEach
    void open() throws InterruptedException {
        rig = new Rig();
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private void assertUnresolved(String host, String text) {
        assertThatThrownBy(() -> rig.resolve(host)).cause().isInstanceOfSatisfying(Refused.class, refused -> {
            assertThat(refused.reason()).isEqualTo(Refusal.UNRESOLVED);
            assertThat(refused.text()).isEqualTo(text);
        });
    }

    @Test
    void alternatesBothFamiliesStartingWithSix() throws Exception {
        rig.server.on("db.test", 60, "10.0.0.1", "10.0.0.2", "10.0.0.3", "fd00::1", "fd00::2");
        Resolution found = rig.resolve("db.test").orElseThrow();
        assertThat(Rig.texts(found)).containsExactly("fd00::1", "10.0.0.1", "fd00::2", "10.0.0.2", "10.0.0.3");
        assertThat(found.source()).isEqualTo("dns");
        assertThat(found.ttl()).isEqualTo(Duration.ofSeconds(60));
        assertThat(found.stages().get(0)).singleElement().satisfies(endpoint -> {
            assertThat(endpoint.toString()).isEqualTo("db.test:443");
            assertThat(endpoint.trusted()).isFalse();
        });
        assertThat(rig.server.asked()).containsExactlyInAnyOrder("A db.test", "AAAA db.test");
    }

    @Test
    void asksOnceForAllWhoWantTheSameName() throws Exception {
        rig.server.on("db.test", 60, "10.0.0.1");
        List<CompletableFuture<Optional<Resolution>>> all =
                IntStream.range(0, 100).mapToObj(i -> rig.start("db.test")).toList();
        for (CompletableFuture<Optional<Resolution>> one : all) {
            assertThat(Rig.texts(one.get(5, TimeUnit.SECONDS).orElseThrow())).containsExactly("10.0.0.1");
        }
        assertThat(rig.server.asked()).hasSize(2);
        assertThat(rig.count(DnsCounts.Event.QUERY)).isEqualTo(2);
    }

    @Test
    void answersInlineFromTheCacheUntilTheTtlEnds() throws Exception {
        rig.server.on("db.test", 60, "10.0.0.1");
        rig.resolve("db.test");
        rig.server.on("db.test", 60, "10.0.0.2");
        rig.clock.advance(Duration.ofSeconds(53));
        CompletableFuture<Optional<Resolution>> hit = rig.start("db.test");
        assertThat(hit).isCompleted();
        assertThat(Rig.texts(hit.get().orElseThrow())).containsExactly("10.0.0.1");
        assertThat(hit.get().orElseThrow().ttl()).isEqualTo(Duration.ofSeconds(7));
        rig.clock.advance(Duration.ofSeconds(7));
        assertThat(rig.addresses("db.test")).containsExactly("10.0.0.2");
        assertThat(rig.count(DnsCounts.Event.HIT)).isEqualTo(1);
        assertThat(rig.count(DnsCounts.Event.MISS)).isEqualTo(2);
        assertThat(rig.dns.entries()).isEqualTo(1);
    }

    @Test
    void keepsAtLeastFiveAndAtMostThreeHundredSeconds() throws Exception {
        rig.server.on("short.test", 0, "10.0.0.1");
        rig.server.on("long.test", 1_000_000, "10.0.0.1");
        rig.server.on("broken.test", 0xFFFF_FFFFL, "10.0.0.1");
        assertThat(rig.resolve("short.test").orElseThrow().ttl()).isEqualTo(Duration.ofSeconds(5));
        assertThat(rig.resolve("long.test").orElseThrow().ttl()).isEqualTo(Duration.ofSeconds(300));
        assertThat(rig.resolve("broken.test").orElseThrow().ttl()).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void asksAheadForANameInUse() throws Exception {
        rig.server.on("db.test", 100, "10.0.0.1");
        rig.resolve("db.test");
        rig.server.on("db.test", 100, "10.0.0.2");
        rig.clock.advance(Duration.ofSeconds(95));
        assertThat(rig.start("db.test")).isCompleted();
        assertThat(rig.start("db.test")).isCompleted();
        await().until(() -> rig.addresses("db.test").equals(List.of("10.0.0.2")));
        assertThat(rig.count(DnsCounts.Event.REFRESH)).isEqualTo(1);
        assertThat(rig.count(DnsCounts.Event.MISS)).isEqualTo(1);
        assertThat(rig.server.asked()).hasSize(4);
    }

    @Test
    void keepsThatANameDoesNotExist() throws Exception {
        rig.server.on("gone.test", reply -> {
            reply.code = DnsResponseCode.NXDOMAIN;
            reply.soa(3600, 20);
        });
        assertThat(rig.resolve("gone.test")).isEmpty();
        rig.server.on("gone.test", 60, "10.0.0.1");
        rig.clock.advance(Duration.ofSeconds(19));
        assertThat(rig.start("gone.test")).isCompletedWithValue(Optional.empty());
        rig.clock.advance(Duration.ofSeconds(1));
        assertThat(rig.addresses("gone.test")).containsExactly("10.0.0.1");
    }

    @Test
    void keepsNegativeAnswersFiveToSixtySeconds() throws Exception {
        rig.server.on("short.test", ScriptedDns.code(DnsResponseCode.NXDOMAIN));
        rig.server.on("long.test", reply -> {
            reply.code = DnsResponseCode.NXDOMAIN;
            reply.soa(9999, 9999);
        });
        rig.resolve("short.test");
        rig.resolve("long.test");
        rig.clock.advance(Duration.ofMillis(4900));
        assertThat(rig.start("short.test")).isCompleted();
        rig.clock.advance(Duration.ofMillis(100));
        rig.resolve("short.test");
        rig.clock.advance(Duration.ofMillis(54_900));
        assertThat(rig.start("long.test")).isCompleted();
        rig.clock.advance(Duration.ofMillis(100));
        rig.resolve("long.test");
        assertThat(rig.server.asked()).hasSize(8);
    }

    @Test
    void saysThatANameHasNoAddress() {
        rig.server.on("mail.test", reply -> reply.soa(60, 60));
        assertUnresolved("mail.test", "no A or AAAA record");
        assertUnresolved("mail.test", "no A or AAAA record");
        assertThat(rig.server.asked()).hasSize(2);
    }

    @Test
    void namesLoopbackItself() throws Exception {
        assertThat(rig.addresses("localhost")).containsExactly("::1", "127.0.0.1");
        assertThat(rig.addresses("db.localhost")).containsExactly("::1", "127.0.0.1");
        assertThat(rig.server.asked()).isEmpty();
    }

    @Test
    void asksNobodyForLiteralsAndNamesThatCannotExist() throws Exception {
        for (String host : List.of("10.0.0.1", "fd00::1", "x.invalid", "abcdef.onion", "onion")) {
            assertThat(rig.start(host)).as(host).isCompletedWithValue(Optional.empty());
        }
        assertThat(rig.resolve("notonion")).isEmpty();
        assertThat(rig.server.asked()).containsExactlyInAnyOrder("A notonion", "AAAA notonion");
    }

    @Test
    void triesSearchDomainsForNamesWithoutADotOnly(@TempDir Path folder) throws Exception {
        DnsOptions plain = Rig.options(rig.server.address());
        rig.dns = rig.with(new DnsOptions(
                plain.servers(),
                List.of("a.test", "b.test"),
                plain.timeout(),
                plain.delay(),
                plain.patience(),
                plain.keep(),
                plain.hosts(),
                plain.resolvConf()));
        rig.server.on("db.a.test", reply -> reply.soa(60, 60));
        rig.server.on("db.b.test", 60, "10.0.0.1");
        assertThat(rig.addresses("db")).containsExactly("10.0.0.1");
        assertThat(rig.resolve("db.x")).isEmpty();
        assertThat(rig.server.asked()).doesNotContain("A db", "A db.x.a.test").contains("A db.a.test", "A db.x");
        assertThat(rig.resolve("web")).isEmpty();
        assertThat(rig.server.asked()).contains("A web.a.test", "A web.b.test", "A web");
    }

    @Test
    void honoursTheHostsFileAndItsChanges(@TempDir Path folder) throws Exception {
        Path hosts = Files.writeString(folder.resolve("hosts"), "10.0.0.7 db.test other # comment\nfd00::7 db.test\n");
        DnsOptions plain = Rig.options(rig.server.address());
        rig.dns = rig.with(new DnsOptions(
                plain.servers(),
                List.of(),
                plain.timeout(),
                plain.delay(),
                plain.patience(),
                plain.keep(),
                hosts,
                plain.resolvConf()));
        assertThat(rig.addresses("db.test")).containsExactly("fd00::7", "10.0.0.7");
        assertThat(rig.addresses("other")).containsExactly("10.0.0.7");
        Files.writeString(hosts, "10.0.0.8 db.test\n");
        rig.clock.advance(Duration.ofSeconds(5));
        rig.addresses("db.test");
        assertThat(rig.addresses("db.test")).containsExactly("10.0.0.8");
        assertThat(rig.server.asked()).isEmpty();
    }

    @Test
    void dropsTheLeastRecentlyUsedNames() throws Exception {
        for (int i = 0; i < 64; i++) {
            rig.server.on("n" + i + ".test", 300, "10.0.0.1");
            rig.resolve("n" + i + ".test");
            rig.clock.advance(Duration.ofMillis(1));
        }
        assertThat(rig.start("n0.test")).isCompleted();
        rig.server.on("one-more.test", 300, "10.0.0.1");
        rig.resolve("one-more.test");
        assertThat(rig.dns.entries()).isEqualTo(61);
        assertThat(rig.start("n0.test")).isCompleted();
        rig.server.on("n1.test", ScriptedDns.silence());
        assertThat(rig.start("n1.test")).isNotCompleted();
        assertThat(rig.count(DnsCounts.Event.EVICTION)).isEqualTo(4);
    }

    @Test
    void refusesMoreLookupsThanItsLimit() throws Exception {
        for (int i = 0; i < 256; i++) {
            rig.server.on("n" + i + ".test", ScriptedDns.silence());
            rig.start("n" + i + ".test");
        }
        assertThatThrownBy(() -> rig.resolve("one-more.test"))
                .cause()
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused -> assertThat(refused.reason() + " " + refused.text())
                                .isEqualTo(
                                        Refusal.OVERLOADED + " limit lookups: 256 under way: expected less than 256"));
    }

    @Test
    void refusesOnceItsLoopIsClosed() {
        rig.group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        assertThatThrownBy(() -> rig.resolve("db.test"))
                .cause()
                .isInstanceOfSatisfying(
                        Refused.class, refused -> assertThat(refused.reason()).isEqualTo(Refusal.DRAINING));
    }

    @Test
    void asksTheServersOfTheMachineWithoutItsOwn(@TempDir Path folder) throws Exception {
        Path conf = Files.writeString(folder.resolve("resolv.conf"), "nameserver 127.77.77.77\nsearch a.invalid\n");
        DnsOptions plain = Rig.options();
        rig.dns = rig.with(new DnsOptions(
                List.of(),
                List.of(),
                plain.timeout(),
                plain.delay(),
                plain.patience(),
                plain.keep(),
                plain.hosts(),
                conf));
        rig.start("db.test").handle((found, cause) -> cause).get(5, TimeUnit.SECONDS);
        assertThat(rig.count(DnsCounts.Event.QUERY)).isPositive();
        assertThat(rig.server.asked()).isEmpty();
    }
}
