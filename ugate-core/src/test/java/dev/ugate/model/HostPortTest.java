package dev.ugate.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HostPortTest {
    private static String host(String text) {
        return new HostPort(text, 80).host();
    }

    private static void refuses(Runnable parse) {
        assertThatThrownBy(parse::run).isInstanceOfSatisfying(Refused.class, why -> {
            assertThat(why.reason()).isEqualTo(Refusal.MALFORMED);
            assertThat(why.text()).matches("[ -~]+");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://127.0.0.1:80", "http://shop.example/api", "https://[::1]:443/"})
    void saysThatAUrlIsNoTarget(String url) {
        assertThatThrownBy(() -> HostPort.parse(url))
                .hasMessage("target '" + url + "': expected host:port, without a scheme");
    }

    /** RFC 9110 §4.2.4: a name and a password before the host are nothing for logs. */
    @ParameterizedTest
    @ValueSource(strings = {"me:secret@a.b", "me:secret@a.b:80", "secret@a.b:80", "secret@[::1]:80"})
    void doesNotRepeatUserInformation(String text) {
        assertThatThrownBy(() -> HostPort.parse(text, 80))
                .hasMessage("target: expected a host, without user information and @");
    }

    /** T83: every spelling of an address is one address. */
    @ParameterizedTest
    @CsvSource({
        "0x7f.1, 127.0.0.1",
        "0X7F.0.0.1, 127.0.0.1",
        "2130706433, 127.0.0.1",
        "017700000001, 127.0.0.1",
        "127.1, 127.0.0.1",
        "127.0.1, 127.0.0.1",
        "0177.0.0.1, 127.0.0.1",
        "0, 0.0.0.0",
        "::ffff:127.0.0.1, 127.0.0.1",
        "::FFFF:7f00:1, 127.0.0.1",
        "::ffff:0177.0.0.1, 127.0.0.1",
        "127.0.0.1., 127.0.0.1",
        "169.254.169.254, 169.254.169.254",
        "2852039166, 169.254.169.254",
        "4294967295, 255.255.255.255",
        "::, ::",
        "0:0:0:0:0:0:0:1, ::1",
        "2001:DB8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "EXAMPLE.com., example.com",
        "_sip._tcp.A-b.example, _sip._tcp.a-b.example",
        "xn--bcher-kva.example, xn--bcher-kva.example",
        "1.example, 1.example",
        "3com, 3com",
        "0x7g, 0x7g"
    })
    void givesEverySpellingOneForm(String text, String canonical) {
        assertThat(host(text)).isEqualTo(canonical);
        assertThat(host(canonical)).isEqualTo(canonical);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "..",
                "a..",
                ".a",
                "a..b",
                "a b",
                "a\0b",
                "127.0.0.1\0",
                "127.0.0.1\0.example.com",
                "a\r\nHost: b",
                "a\n",
                "a\t",
                " a",
                "a/b",
                "a@b",
                "a:b",
                "a%00",
                "[::1]",
                "::1%eth0",
                ":::",
                "1::2::3",
                "12345::",
                "1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:8:9",
                "::ffff:127.1",
                "::ffff:1.2.3.4.5",
                "256.1.1.1",
                "1.2.3.4.5",
                "1.2.3.256",
                "4294967296",
                "99999999999999999999",
                "1.2.3.08",
                "a.0x7f",
                "a.0X",
                "a.1",
                "a.010",
                "b\u00fccher.example",
                "\u212aelvin",
                "\u0130stanbul",
                "\u0661\u0662\u0667.1",
                "\uff11\uff12\uff17.1"
            })
    void refusesWhatIsNoNameAndNoAddress(String text) {
        refuses(() -> host(text));
    }

    @Test
    void boundsNamesAndLabels() {
        String label = "a".repeat(63);
        String name = String.join(".", label, label, label, "a".repeat(61));
        assertThat(name).hasSize(253);
        assertThat(host(name)).isEqualTo(name);
        assertThat(host(name + ".")).isEqualTo(name);
        refuses(() -> host(name + "a"));
        refuses(() -> host(name + ".a"));
        refuses(() -> host("a".repeat(64)));
        refuses(() -> host("a".repeat(255)));
        refuses(() -> host("a".repeat(1 << 20)));
    }

    @ParameterizedTest
    @CsvSource({
        "example.com:443, example.com, 443",
        "10.0.0.1:1, 10.0.0.1, 1",
        "[::1]:65535, ::1, 65535",
        "[::ffff:10.0.0.1]:53, 10.0.0.1, 53",
        "a:0, a, 0",
        "a:00080, a, 80"
    })
    void parsesHostAndPort(String text, String host, int port) {
        assertThat(HostPort.parse(text)).isEqualTo(new HostPort(host, port));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "a:",
                ":80",
                "a:-1",
                "a:+1",
                "a:65536",
                "a:99999",
                "a:000080",
                "a:8 0",
                "a:0x50",
                "a:\u0668\u0660",
                "::1:80",
                "[::1]",
                "[::1]:",
                "[::1]80",
                "[::1",
                "::1]:80",
                "[a",
                "[10.0.0.1]:80",
                "[]:80",
                "[[::1]]:80",
                "[::1]x:80",
                "[a]:80",
                "a:80:80",
                "",
                "[",
                ":"
            })
    void refusesWhatIsNoHostAndPort(String text) {
        refuses(() -> HostPort.parse(text));
    }

    @Test
    void takesADefaultPortOnlyWhereNoneIsWritten() {
        assertThat(HostPort.parse("a", 443)).isEqualTo(new HostPort("a", 443));
        assertThat(HostPort.parse("a:80", 443)).isEqualTo(new HostPort("a", 80));
        assertThat(HostPort.parse("[::1]", 443)).isEqualTo(new HostPort("::1", 443));
        refuses(() -> HostPort.parse("a:", 443));
        refuses(() -> HostPort.parse("::1", 443));
    }

    @Test
    void boundsPorts() {
        refuses(() -> new HostPort("a", -1));
        refuses(() -> new HostPort("a", 65536));
        assertThat(new HostPort("a", 80).withPort(443)).isEqualTo(new HostPort("a", 443));
    }

    @Test
    void textParsesBack() {
        for (String text : new String[] {"a:1", "10.0.0.1:2", "[2001:db8::1]:3"}) {
            assertThat(HostPort.parse(text)).hasToString(text);
        }
    }

    @Test
    void knowsLiteralsWithoutAskingAnyone() {
        assertThat(new HostPort("0x7f.1", 1).literal())
                .hasValueSatisfying(ip -> assertThat(ip.isLoopbackAddress()).isTrue());
        assertThat(new HostPort("localhost", 1).literal()).isEmpty();
    }

    @Test
    void repeatsNoMoreThanAPieceOfWhatItRefuses() {
        assertThatThrownBy(() -> HostPort.parse("\u0000\r\n" + "x".repeat(5000)))
                .isInstanceOfSatisfying(Refused.class, why -> {
                    assertThat(why.text()).hasSizeLessThan(150).doesNotContain("\r", "\n", "\0");
                });
    }

    @Test
    void leavesTheUsualPortOutWhereAsked() {
        assertThat(new HostPort("a.example", 80).text(80)).isEqualTo("a.example");
        assertThat(new HostPort("a.example", 80).text(443)).isEqualTo("a.example:80");
        assertThat(new HostPort("2001:db8::1", 443).text(443)).isEqualTo("[2001:db8::1]");
    }
}
