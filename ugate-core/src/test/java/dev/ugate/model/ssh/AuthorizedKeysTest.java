package dev.ugate.model.ssh;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.HostPort;
import dev.ugate.model.Ip;
import dev.ugate.testing.SshVectors;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AuthorizedKeysTest {
    private static final String KEY = SshVectors.key("ed25519").text();

    private static KeyOptions options(String text) {
        AuthorizedKeys keys = AuthorizedKeys.parse(text + " " + KEY + " a comment");
        assertThat(keys.problems()).isEmpty();
        assertThat(keys.entries()).hasSize(1);
        assertThat(keys.entries().get(0).key()).isEqualTo(SshVectors.key("ed25519"));
        assertThat(keys.entries().get(0).comment()).isEqualTo("a comment");
        return keys.entries().get(0).options();
    }

    @Test
    void readsKeysBetweenCommentsAndEmptyLines() {
        AuthorizedKeys keys = AuthorizedKeys.parse(
                "# comment\n\n  \t\n" + KEY + "\r\n\t" + SshVectors.key("p256").text() + " x y\n");

        assertThat(keys.problems()).isEmpty();
        assertThat(keys.entries())
                .extracting(AuthorizedKeys.Entry::key)
                .containsExactly(SshVectors.key("ed25519"), SshVectors.key("p256"));
        assertThat(keys.entries()).allMatch(entry -> entry.options().equals(KeyOptions.NONE));
    }

    @Test
    void aLineThatIsNotUnderstoodIsLeftOutAndTold() {
        AuthorizedKeys keys = AuthorizedKeys.parse("ssh-dss AAAA x\nstrange " + KEY + "\n" + KEY + "\nssh-ed25519\n"
                + "permitopen=\"a:1 " + KEY + "\n" + SshVectors.text("weak.pub"));

        assertThat(keys.entries()).hasSize(1);
        assertThat(keys.problems()).hasSize(5);
        assertThat(keys.problems().get(0)).startsWith("line 1: ");
        assertThat(keys.problems().get(1)).isEqualTo("line 2: option strange: not known: expected one of sshd's");
        assertThat(keys.problems().get(3)).contains("quote is open");
        assertThat(keys.problems().get(4)).contains("1024 bits");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "no-pty,",
                "restrict,nonsense",
                "from=",
                "from=\"\"",
                "from=\"10.0.0.1/8\"",
                "permitopen=\"a\"",
                "permitopen=\"a:0\"",
                "permitopen=\"a:65536\"",
                "permitopen=\"::1:80\"",
                "permitopen=a:1",
                "expiry-time=\"2026\"",
                "expiry-time=\"20261301\"",
                "command",
                "command=unquoted",
                "cert-authority=\"x\"",
                "tunnel"
            })
    void optionsThatAreNotAsTheyShouldBeTakeTheirKeyAway(String text) {
        AuthorizedKeys keys = AuthorizedKeys.parse(text + " " + KEY);
        assertThat(keys.entries()).isEmpty();
        assertThat(keys.problems()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "no-pty,no-X11-forwarding,no-agent-forwarding,environment=\"A=b\" | true",
                "no-port-forwarding | false",
                "restrict | false",
                "restrict,port-forwarding | true",
                "port-forwarding,restrict | true",
                "RESTRICT,Port-Forwarding | true",
                "command=\"/bin/false\" | false",
                "command=\"/bin/false\",port-forwarding | true",
                "command=\"/bin/false\",permitopen=\"a:1\" | true",
                "restrict,permitopen=\"a:1\" | false",
            })
    void forwardingIsWhatTheOptionsLeave(String text, boolean carries) {
        assertThat(options(text).restrictions().forwarding()).isEqualTo(carries);
    }

    @Test
    void valuesMayHoldWhatEndsOptionsAndLines() {
        KeyOptions options = options("command=\"say \\\"a, b\\\" c\",no-pty");
        assertThat(options.restrictions().command()).contains("say \"a, b\" c");
    }

    @Test
    void targetsAreThoseThatArePermitted() {
        Restrictions some = options("permitopen=\"DB.example:5432\",permitopen=\"[2001:db8::1]:*\",permitopen=\"*:80\"")
                .restrictions();

        assertThat(some.mayOpen(new HostPort("db.example", 5432))).isTrue();
        assertThat(some.mayOpen(new HostPort("db.example", 5433))).isFalse();
        assertThat(some.mayOpen(new HostPort("2001:db8::1", 9))).isTrue();
        assertThat(some.mayOpen(new HostPort("other", 80))).isTrue();
        assertThat(some.mayOpen(new HostPort("other", 81))).isFalse();
        assertThat(some.mayOpenSocket()).isFalse();
        assertThat(some.mayListen("localhost", 1)).isTrue();
        assertThat(Restrictions.NONE.mayOpenSocket()).isTrue();
    }

    @Test
    void addressesToListenOnAreThoseThatArePermitted() {
        Restrictions some = options("permitlisten=\"8080\",permitlisten=\"*.web.example:*\"")
                .restrictions();

        assertThat(some.mayListen("anything", 8080)).isTrue();
        assertThat(some.mayListen("a.WEB.example", 1)).isTrue();
        assertThat(some.mayListen("web.example", 1)).isFalse();
        assertThat(some.mayListenOnSocket()).isFalse();
        assertThat(some.mayOpen(new HostPort("x", 1))).isTrue();
        assertThat(options("no-port-forwarding").restrictions().mayListen("x", 8080))
                .isFalse();
    }

    @Test
    void authoritiesSayForWhom() {
        KeyOptions options = options("cert-authority,principals=\"alice,bob\"");
        assertThat(options.authority()).isTrue();
        assertThat(options.principals()).containsExactly("alice", "bob");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "192.0.2.0/24,!192.0.2.7 | 192.0.2.8 | true",
                "192.0.2.0/24,!192.0.2.7 | 192.0.2.7 | false",
                "!192.0.2.7 | 192.0.2.8 | false",
                "192.0.2.* | 192.0.2.8 | true",
                "192.0.2.? | 192.0.2.80 | false",
                "2001:db8::/32 | 2001:db8::1 | true",
                "host.example | 192.0.2.8 | false",
            })
    void whereAKeyMayComeFrom(String list, String address, boolean included) {
        Sources from = options("from=\"" + list + "\"").from();
        assertThat(from.include(Ip.parse(address))).isEqualTo(included);
        assertThat(from.include(Optional.empty())).isFalse();
        assertThat(Sources.ANY.include(Optional.empty())).isTrue();
    }

    @Test
    void anEndIsATime() {
        assertThat(options("expiry-time=\"20261231235958Z\"").until()).isEqualTo(Instant.parse("2026-12-31T23:59:58Z"));
        assertThat(options("expiry-time=\"202612312359Z\"").until()).isEqualTo(Instant.parse("2026-12-31T23:59:00Z"));
        assertThat(options("expiry-time=\"20261231\"").until())
                .isEqualTo(LocalDate.of(2026, 12, 31)
                        .atStartOfDay(ZoneId.systemDefault())
                        .toInstant());
    }

    @Test
    void tokensMayBeAskedForMoreAndForLess() {
        assertThat(options("no-touch-required").presence()).isEqualTo(new Presence(false, false));
        assertThat(options("verify-required").presence()).isEqualTo(new Presence(true, true));
        // A certificate that asks for less does not help where its authority's line asks for more.
        assertThat(new Presence(false, true).and(Presence.STANDARD)).isEqualTo(new Presence(true, true));
        assertThat(new Presence(false, false).and(new Presence(false, false))).isEqualTo(new Presence(false, false));
    }
}
