package dev.ugate.discovery.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Resolution;
import io.netty.handler.codec.dns.DnsRecordType;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which answers are believed, and what is asked next (T106–T108). */
class DnsAnswersTest {
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
    void followsAliasesInOneAnswer() throws Exception {
        rig.server.on(
                "www.test",
                reply -> reply.soa(60, 60).alias("www.test", 40, "edge.test").alias("EDGE.test", 50, "host.test"));
        rig.server.on(
                "www.test",
                DnsRecordType.A,
                reply -> reply.address("host.test", 60, "10.0.0.1")
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
        rig.server.on(
                "loop.test", reply -> reply.alias("loop.test", 60, "pool.test").alias("pool.test", 60, "loop.test"));
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
        Dns patient = rig.dns;
        rig.hurry(rig.server.address());
        // The codec drops a message with such a name, as it would a forged one: the deadline goes on.
        rig.server.on("nul.test", reply -> reply.alias("nul.test", 60, "a\0b.test"));
        assertUnresolved("nul.test", "no answer within 250ms (tried " + rig.server.text() + ")");
        rig.dns = patient;
        rig.server.on("odd.test", reply -> reply.alias("odd.test", 60, "a b.test"));
        assertUnresolved(
                "odd.test", rig.server.text() + ": alias: host 'a b.test': expected letters, digits, '-', '_' and '.'");
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
        rig.server.on(
                "db.test",
                DnsRecordType.A,
                reply -> reply.address("bank.test", 60, "6.6.6.6")
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
        rig.hurry(rig.server.address());
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
