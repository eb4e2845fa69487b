package dev.ugate.model.ssh;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.HostPort;
import dev.ugate.model.ssh.KnownHosts.Verdict;
import dev.ugate.testing.SshVectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class KnownHostsTest {
    private static final SshKey KEY = SshVectors.key("ed25519");
    private static final SshKey OTHER = SshVectors.key("other");

    private static KnownHosts hosts(String patterns) {
        return KnownHosts.parse("# said by hand\n\n" + patterns + " " + KEY.text() + " comment\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a.example | a.example | 22 | TRUSTED",
                "a.example | A.Example | 22 | TRUSTED",
                "a.example | b.example | 22 | UNKNOWN",
                "a.example | a.example | 2222 | TRUSTED",
                "[a.example]:2222 | a.example | 2222 | TRUSTED",
                "[a.example]:2222 | a.example | 22 | UNKNOWN",
                "[a.example]:2222 | a.example | 2223 | UNKNOWN",
                "*.example,!b.example | a.example | 22 | TRUSTED",
                "*.example,!b.example | b.example | 22 | UNKNOWN",
                "?.example | ab.example | 22 | UNKNOWN",
                "192.0.2.7,a.example | 192.0.2.7 | 22 | TRUSTED",
                "[2001:db8::7]:2222 | 2001:db8::7 | 2222 | TRUSTED",
                "2001:db8::7 | 2001:db8::7 | 22 | TRUSTED",
            })
    void patternsSayWhichHosts(String patterns, String host, int port, Verdict verdict) {
        KnownHosts known = hosts(patterns);
        assertThat(known.problems()).isEmpty();
        assertThat(known.judge(new HostPort(host, port), KEY)).isEqualTo(verdict);
    }

    @Test
    void aKnownHostWithAnotherKeyIsNotItself() {
        assertThat(hosts("a.example").judge(new HostPort("a.example", 22), OTHER))
                .isEqualTo(Verdict.CHANGED);
        assertThat(KnownHosts.NONE.judge(new HostPort("a.example", 22), KEY)).isEqualTo(Verdict.UNKNOWN);
    }

    @Test
    void hashesHideNamesButNotFromThoseWhoKnowThem() {
        KnownHosts known = KnownHosts.parse(SshVectors.text("known_hosts-hashed"));

        assertThat(known.problems()).isEmpty();
        assertThat(known.judge(new HostPort("plain.example", 22), KEY)).isEqualTo(Verdict.TRUSTED);
        assertThat(known.judge(new HostPort("192.0.2.7", 22), KEY)).isEqualTo(Verdict.TRUSTED);
        assertThat(known.judge(new HostPort("ported.example", 2222), KEY)).isEqualTo(Verdict.TRUSTED);
        assertThat(known.judge(new HostPort("ported.example", 22), KEY)).isEqualTo(Verdict.UNKNOWN);
        assertThat(known.judge(new HostPort("plain.example", 22), OTHER)).isEqualTo(Verdict.CHANGED);
    }

    @Test
    void anAuthorityVouchesForTheHostsOfItsLine() {
        KnownHosts known = KnownHosts.parse(
                "@cert-authority *.example " + SshVectors.key("ca").text());
        SshCertificate certificate = SshVectors.certificate("host");

        assertThat(known.judge(new HostPort("gw.example", 2222), certificate)).isEqualTo(Verdict.TRUSTED);
        assertThat(known.judge(new HostPort("gw.elsewhere", 22), certificate)).isEqualTo(Verdict.UNKNOWN);
        assertThat(known.judge(new HostPort("gw.example", 22), SshVectors.certificate("by-rsa")))
                .isEqualTo(Verdict.UNKNOWN);
        assertThat(known.hasAuthority(new HostPort("gw.example", 22))).isTrue();
        assertThat(known.hasAuthority(new HostPort("gw.elsewhere", 22))).isFalse();
        // An authority's key is no host's.
        assertThat(known.judge(new HostPort("gw.example", 22), SshVectors.key("ca")))
                .isEqualTo(Verdict.UNKNOWN);
    }

    @Test
    void whatIsRevokedIsRevokedWhateverElseIsSaid() {
        String good = "*.example " + KEY.text() + "\n@cert-authority *.example "
                + SshVectors.key("ca").text() + "\n";
        HostPort host = new HostPort("gw.example", 22);
        SshCertificate certificate = SshVectors.certificate("host");

        assertThat(KnownHosts.parse(good).judge(host, KEY)).isEqualTo(Verdict.TRUSTED);
        KnownHosts key = KnownHosts.parse(good + "@revoked * " + KEY.text());
        assertThat(key.judge(host, KEY)).isEqualTo(Verdict.REVOKED);
        assertThat(key.judge(host, certificate)).isEqualTo(Verdict.REVOKED);
        KnownHosts authority =
                KnownHosts.parse(good + "@revoked * " + SshVectors.key("ca").text());
        assertThat(authority.judge(host, certificate)).isEqualTo(Verdict.REVOKED);
        assertThat(authority.judge(host, KEY)).isEqualTo(Verdict.TRUSTED);
    }

    @Test
    void linesThatAreNotUnderstoodAreLeftOutAndTold() {
        KnownHosts known = KnownHosts.parse("a.example\n@strange a " + KEY.text() + "\na,, " + KEY.text()
                + "\n|1|AAAA|AAAA " + KEY.text() + "\n|2|a|b " + KEY.text() + "\na.example ssh-dss AAAA\n");

        assertThat(known.problems()).hasSize(6);
        assertThat(known.judge(new HostPort("a.example", 22), KEY)).isEqualTo(Verdict.UNKNOWN);
    }
}
