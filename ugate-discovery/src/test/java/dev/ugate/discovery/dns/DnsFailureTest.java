package dev.ugate.discovery.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Resolution;
import dev.ugate.model.http.ProxyError;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Servers that fail or say nothing (F22). */
class DnsFailureTest {
    private Rig rig;

    @BeforeEach
    void open() throws InterruptedException {
        rig = new Rig();
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private void assertUnresolved(String host, String text, ProxyError... error) {
        assertThatThrownBy(() -> rig.resolve(host)).cause().isInstanceOfSatisfying(Refused.class, refused -> {
            assertThat(refused.reason()).isEqualTo(Refusal.UNRESOLVED);
            assertThat(refused.text()).isEqualTo(text);
            assertThat(refused.error().stream()).containsExactly(error);
        });
    }

    @Test
    void saysWhichServerFailedAndHow() {
        rig.server.on("db.test", ScriptedDns.code(DnsResponseCode.SERVFAIL));
        assertUnresolved("db.test", rig.server.text() + ": SERVFAIL");
    }

    @Test
    void saysWhoDidNotAnswerWithinWhatTime() {
        rig.hurry(rig.server.address(), rig.second.address());
        rig.server.on("db.test", ScriptedDns.silence());
        rig.second.on("db.test", ScriptedDns.silence());
        assertUnresolved(
                "db.test",
                "no answer within 250ms (tried " + rig.server.text() + ", " + rig.second.text() + ")",
                ProxyError.DNS_TIMEOUT);
        assertThat(rig.count(DnsCounts.Event.FAILURE)).isEqualTo(1);
    }

    @Test
    void triesASilentServerTwice() {
        rig.hurry(rig.server.address());
        rig.server.on("db.test", ScriptedDns.silence());
        assertUnresolved("db.test", "no answer within 250ms (tried " + rig.server.text() + ")", ProxyError.DNS_TIMEOUT);
        assertThat(rig.server.asked()).hasSize(4);
    }

    /** Somebody was there and could not say. */
    @Test
    void aFailureOutweighsSilence() {
        rig.hurry(rig.server.address(), rig.second.address());
        rig.server.on("db.test", ScriptedDns.code(DnsResponseCode.SERVFAIL));
        rig.second.on("db.test", ScriptedDns.silence());
        assertUnresolved(
                "db.test", rig.server.text() + ": SERVFAIL, no answer within 250ms (tried " + rig.second.text() + ")");
    }

    @Test
    void believesAFailureForASecondOnly() throws Exception {
        rig.server.on("db.test", ScriptedDns.code(DnsResponseCode.REFUSED));
        assertUnresolved("db.test", rig.server.text() + ": REFUSED");
        rig.server.on("db.test", 60, "10.0.0.1");
        assertThat(rig.start("db.test")).isCompletedExceptionally();
        rig.clock.advance(Duration.ofSeconds(1));
        assertThat(rig.addresses("db.test")).containsExactly("10.0.0.1");
    }

    @Test
    void asksTheNextServerWhenOneFailsAndStaysThere() throws Exception {
        rig.dns = rig.with(Rig.options(rig.server.address(), rig.second.address()));
        rig.server.on("db.test", ScriptedDns.code(DnsResponseCode.SERVFAIL));
        rig.second.on("db.test", 60, "10.0.0.1");
        rig.second.on("web.test", 60, "10.0.0.2");
        assertThat(rig.addresses("db.test")).containsExactly("10.0.0.1");
        assertThat(rig.addresses("web.test")).containsExactly("10.0.0.2");
        assertThat(rig.server.asked()).doesNotContain("A web.test", "AAAA web.test");
    }

    @Test
    void doesNotWaitForAClosedPort() throws Exception {
        DnsOptions patient = Rig.options(Rig.CLOSED, rig.server.address());
        rig.dns = rig.with(patient.asking(patient.servers(), Duration.ofMinutes(1)));
        rig.server.on("db.test", 60, "10.0.0.1");
        assertThat(rig.addresses("db.test")).containsExactly("10.0.0.1");
        rig.dns = rig.with(patient.asking(List.of(Rig.CLOSED), Duration.ofMinutes(1)));
        assertUnresolved("db.test", "127.0.0.1:1: refused");
    }

    @Test
    void servesStaleAddressesWhileServersFailAndRecoversInFiveSeconds() throws Exception {
        rig.server.on("db.test", 60, "10.0.0.1");
        rig.resolve("db.test");
        rig.server.on("db.test", ScriptedDns.code(DnsResponseCode.SERVFAIL));
        rig.clock.advance(Duration.ofHours(23));
        Resolution stale = rig.resolve("db.test").orElseThrow();
        assertThat(Rig.texts(stale)).containsExactly("10.0.0.1");
        assertThat(stale.ttl()).isZero();
        rig.server.on("db.test", 60, "10.0.0.2");
        rig.clock.advance(Duration.ofMillis(4999));
        assertThat(rig.start("db.test")).isCompleted();
        assertThat(rig.addresses("db.test")).containsExactly("10.0.0.1");
        rig.clock.advance(Duration.ofMillis(1));
        assertThat(rig.addresses("db.test")).containsExactly("10.0.0.2");
        assertThat(rig.count(DnsCounts.Event.STALE)).isEqualTo(3);
    }

    @Test
    void servesNothingOlderThanADay() throws Exception {
        rig.server.on("db.test", 60, "10.0.0.1");
        rig.resolve("db.test");
        rig.server.on("db.test", ScriptedDns.code(DnsResponseCode.SERVFAIL));
        rig.clock.advance(Duration.ofHours(24).plusSeconds(60));
        assertUnresolved("db.test", rig.server.text() + ": SERVFAIL");
    }

    @Test
    void believesThatANameIsGoneRatherThanServeItStale() throws Exception {
        rig.server.on("db.test", 60, "10.0.0.1");
        rig.resolve("db.test");
        rig.server.on("db.test", ScriptedDns.code(DnsResponseCode.NXDOMAIN));
        rig.clock.advance(Duration.ofSeconds(61));
        assertThat(rig.resolve("db.test")).isEmpty();
    }

    @Test
    void servesStaleAddressesWhenServersAreSlow() throws Exception {
        rig.server.on("db.test", 60, "10.0.0.1");
        rig.resolve("db.test");
        rig.server.on("db.test", ScriptedDns.silence());
        DnsOptions slow = Rig.options(rig.server.address());
        rig.clock.advance(Duration.ofSeconds(61));
        long start = System.nanoTime();
        assertThat(rig.addresses("db.test")).containsExactly("10.0.0.1");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(slow.patience(), Rig.PATIENCE);
        assertThat(rig.start("db.test")).isCompleted();
        assertThat(rig.count(DnsCounts.Event.STALE)).isEqualTo(2);
    }

    @Test
    void keepsAGoodAnswerWhenAskingAheadFails() throws Exception {
        rig.server.on("db.test", 100, "10.0.0.1");
        rig.resolve("db.test");
        rig.server.on("db.test", ScriptedDns.code(DnsResponseCode.SERVFAIL));
        rig.clock.advance(Duration.ofSeconds(95));
        rig.resolve("db.test");
        await().until(() -> rig.count(DnsCounts.Event.FAILURE) == 1);
        assertThat(rig.resolve("db.test").orElseThrow().ttl()).isEqualTo(Duration.ofSeconds(5));
        assertThat(rig.count(DnsCounts.Event.STALE)).isZero();
    }

    @Test
    void doesNotWaitForAFamilyThatStaysSilent() throws Exception {
        DnsOptions patient = Rig.options(rig.server.address());
        rig.dns = rig.with(new DnsOptions(
                patient.servers(),
                List.of(),
                Duration.ofMillis(500),
                Duration.ofMillis(50),
                patient.patience(),
                patient.keep(),
                patient.hosts(),
                patient.resolvConf()));
        AtomicInteger late = new AtomicInteger();
        rig.server.on("db.test", 60, "10.0.0.1", "fd00::1");
        rig.server.on("db.test", DnsRecordType.AAAA, reply -> {
            reply.dropped = late.getAndIncrement() == 0;
            reply.address("db.test", 60, "fd00::1");
        });
        CompletableFuture<Optional<Resolution>> early = rig.start("db.test");
        assertThat(Rig.texts(early.get(5, TimeUnit.SECONDS).orElseThrow())).containsExactly("10.0.0.1");
        await().until(() -> rig.addresses("db.test").equals(List.of("fd00::1", "10.0.0.1")));
        assertThat(rig.count(DnsCounts.Event.QUERY)).isEqualTo(3);
    }

    @Test
    void asksSoonAgainForAFamilyThatFailed() throws Exception {
        rig.server.on("db.test", 300, "10.0.0.1");
        rig.server.on("db.test", DnsRecordType.AAAA, ScriptedDns.code(DnsResponseCode.SERVFAIL));
        assertThat(rig.resolve("db.test").orElseThrow().ttl()).isEqualTo(Duration.ofSeconds(30));
    }
}
