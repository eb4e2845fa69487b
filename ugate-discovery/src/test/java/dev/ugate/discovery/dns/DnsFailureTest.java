package dev.ugate.discovery.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Resolution;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Servers that fail, lie, or say nothing (F22, T106–T108). */
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

    private void assertUnresolved(String host, String text) {
        assertThatThrownBy(() -> rig.resolve(host)).cause().isInstanceOfSatisfying(Refused.class, refused -> {
            assertThat(refused.reason()).isEqualTo(Refusal.UNRESOLVED);
            assertThat(refused.text()).isEqualTo(text);
        });
    }

    @Test
    void saysWhichServerFailedAndHow() {
        rig.server.on("db.test", ScriptedDns.code(DnsResponseCode.SERVFAIL));
        assertUnresolved("db.test", rig.server.text() + ": SERVFAIL");
    }

    @Test
    void saysWhoDidNotAnswerWithinWhatTime() {
        rig.dns = rig.with(Rig.options(rig.server.address(), rig.second.address()));
        rig.server.on("db.test", ScriptedDns.silence());
        rig.second.on("db.test", ScriptedDns.silence());
        assertUnresolved("db.test", "no answer within 250ms (tried " + rig.server.text() + ", " + rig.second.text() + ")");
        assertThat(rig.count(DnsCounts.Event.FAILURE)).isEqualTo(1);
    }

    @Test
    void triesASilentServerTwice() {
        rig.server.on("db.test", ScriptedDns.silence());
        assertUnresolved("db.test", "no answer within 250ms (tried " + rig.server.text() + ")");
        assertThat(rig.server.asked()).hasSize(4);
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
        ScriptedDns closed = new ScriptedDns();
        InetSocketAddress gone = closed.address();
        closed.close();
        DnsOptions patient = Rig.options(gone, rig.server.address());
        rig.dns = rig.with(patient.asking(patient.servers(), Duration.ofMinutes(1)));
        rig.server.on("db.test", 60, "10.0.0.1");
        assertThat(rig.addresses("db.test")).containsExactly("10.0.0.1");
        rig.dns = rig.with(patient.asking(List.of(gone), Duration.ofMinutes(1)));
        assertUnresolved("db.test", "127.0.0.1:" + gone.getPort() + ": refused");
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
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(slow.keep().patience(), Rig.QUERY_TIMEOUT.multipliedBy(2));
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

    @Test
    void followsAliasesInOneAnswer() throws Exception {
        rig.server.on("www.test", reply -> reply.soa(60, 60)
                .alias("www.test", 40, "edge.test")
                .alias("EDGE.test", 50, "host.test"));
        rig.server.on("www.test", DnsRecordType.A, reply -> reply.address("host.test", 60, "10.0.0.1")
                .alias("edge.test", 50, "host.test")
                .alias("www.test", 40, "edge.test"));
        Resolution found = rig.resolve("www.test").orElseThrow();
        assertThat(Rig.texts(found)).containsExactly("10.0.0.1");
        assertThat(found.ttl()).isEqualTo(Duration.ofSeconds(40));
        assertThat(rig.server.asked()).hasSize(2);
    }

    @Test
    void asksForTheTargetOfAnAliasThatIsMissing() throws Exception {
        rig.server.on("www.test", reply -> reply.alias("www.test", 20, "host.test"));
        rig.server.on("host.test", 60, "10.0.0.1", "fd00::1");
        Resolution found = rig.resolve("www.test").orElseThrow();
        assertThat(Rig.texts(found)).containsExactly("fd00::1", "10.0.0.1");
        assertThat(found.ttl()).isEqualTo(Duration.ofSeconds(20));
    }

    @Test
    void endsLoopsAndLongChainsOfAliases() {
        rig.server.on("loop.test", reply -> reply.alias("loop.test", 60, "pool.test").alias("pool.test", 60, "loop.test"));
        assertUnresolved("loop.test", rig.server.text() + ": more than 8 aliases");
        for (int i = 0; i < 12; i++) {
            int at = i;
            rig.server.on("n" + i + ".test", reply -> reply.alias("n" + at + ".test", 60, "n" + (at + 1) + ".test"));
        }
        assertUnresolved("n0.test", "more than 8 aliases");
        assertThat(rig.server.asked()).contains("A n8.test").doesNotContain("A n9.test");
    }

    @Test
    void refusesAliasesThatNoHostCanHave() {
        // The codec drops a message with such a name, as it would a forged one: the deadline goes on.
        rig.server.on("nul.test", reply -> reply.alias("nul.test", 60, "a\0b.test"));
        assertUnresolved("nul.test", "no answer within 250ms (tried " + rig.server.text() + ")");
        rig.server.on("odd.test", reply -> reply.alias("odd.test", 60, "a b.test"));
        assertUnresolved(
                "odd.test",
                rig.server.text() + ": alias: host 'a b.test': expected letters, digits, '-', '_' and '.'");
        rig.server.on("ip.test", reply -> reply.alias("ip.test", 60, "127.0.0.1"));
        assertUnresolved("ip.test", rig.server.text() + ": alias: host 127.0.0.1: expected a name");
    }

    @Test
    void refusesAnswersOfMoreThanSixtyFourRecords() throws Exception {
        rig.server.on("many.test", 60, addresses(65));
        rig.server.on("enough.test", 60, addresses(64));
        assertUnresolved("many.test", rig.server.text() + ": answer of 65 records: expected at most 64");
        assertThat(rig.addresses("enough.test")).hasSize(64);
    }

    private static String[] addresses(int count) {
        String[] all = new String[count];
        for (int i = 0; i < count; i++) {
            all[i] = "10.0.0." + i;
        }
        return all;
    }

    @Test
    void passesOverAnswersWithAnotherIdOrQuestion() throws Exception {
        rig.server.on("db.test", reply -> {
            ScriptedDns.Reply otherId = new ScriptedDns.Reply(reply.echo, reply.id + 1 & 0xFFFF, false);
            ScriptedDns.Reply otherName = new ScriptedDns.Reply("evil.test.", reply.id, false);
            reply.before.add(otherId.address("db.test", 60, "6.6.6.6"));
            reply.before.add(otherName.address("db.test", 60, "6.6.6.6"));
            reply.soa(60, 60);
        });
        assertUnresolved("db.test", "no A or AAAA record");
    }

    @Test
    void believesOnlyRecordsOfTheNameItAskedFor() throws Exception {
        rig.server.on("db.test", DnsRecordType.A, reply -> reply.address("bank.test", 60, "6.6.6.6")
                .address("db.test", 60, "10.0.0.1")
                .record("db.test", DnsRecordType.A, 60, new byte[] {1, 2, 3})
                .address("db.test", 60, "fd00::1"));
        rig.server.on("bank.test", 60, "10.0.0.2");
        assertThat(rig.addresses("db.test")).containsExactly("10.0.0.1");
        assertThat(rig.addresses("bank.test")).containsExactly("10.0.0.2");
    }

    @Test
    void asksOverTcpWhenAnAnswerWasCut() throws Exception {
        rig.server.on("big.test", 60, addresses(60));
        rig.server.on("big.test", DnsRecordType.A, reply -> {
            reply.cut = !reply.tcp;
            for (int i = 0; i < (reply.tcp ? 60 : 3); i++) {
                reply.address("big.test", 60, "10.0.0." + i);
            }
        });
        assertThat(rig.addresses("big.test")).hasSize(60);
        assertThat(rig.server.asked()).contains("tcp A big.test");
    }

    @Test
    void asksOverTcpWhenTheLettersCameBackDifferent() throws Exception {
        rig.server.on("a-name-with-many-letters.test", 60, "10.0.0.1");
        rig.server.on("a-name-with-many-letters.test", DnsRecordType.A, reply -> {
            reply.echo = reply.tcp ? reply.echo : reply.name;
            reply.address(reply.name, 60, reply.tcp ? "10.0.0.1" : "6.6.6.6");
        });
        assertThat(rig.addresses("a-name-with-many-letters.test")).containsExactly("10.0.0.1");
        assertThat(rig.server.asked()).contains("tcp A a-name-with-many-letters.test");
    }

    @Test
    void saysThatTcpFailed() {
        rig.server.on("cut.test", reply -> {
            reply.cut = !reply.tcp;
            reply.dropped = reply.tcp;
        });
        assertUnresolved("cut.test", "no answer within 250ms (tried " + rig.server.text() + ")");
    }

    @Test
    void usesAnotherPortAndSpellingForEachQuestion() throws Exception {
        Set<String> spellings = ConcurrentHashMap.newKeySet();
        rig.server.on("abcdefghijklmnop.test", reply -> {
            spellings.add(reply.echo);
            reply.soa(60, 60);
        });
        for (int i = 0; i < 4; i++) {
            rig.clock.advance(Duration.ofSeconds(61));
            assertUnresolved("abcdefghijklmnop.test", "no A or AAAA record");
        }
        assertThat(spellings).hasSize(8);
        assertThat(rig.server.ports()).hasSizeGreaterThan(4);
    }
}
