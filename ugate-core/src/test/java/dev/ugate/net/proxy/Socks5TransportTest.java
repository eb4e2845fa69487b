package dev.ugate.net.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Refusal;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The words of SOCKS5, and what its answers mean. */
class Socks5TransportTest {
    private static Upstream dial(String target, Map<String, String> options) {
        return new Upstream(Socks5Transport::new, target, options).connect();
    }

    @Test
    void asksByNameWithoutALogin() {
        Upstream upstream = dial("example.com:80", Map.of());
        assertThat(upstream.heard()).isEqualTo("050100");
        upstream.says("05 00");
        assertThat(upstream.heard()).isEqualTo(Upstream.hex("05 01 00 03 0B \"example.com\" 0050"));
        upstream.gone();
    }

    @Test
    void asksForLiteralsAsAddresses() {
        Upstream four = dial("192.0.2.6:443", Map.of()).says("05 00");
        assertThat(four.heard()).isEqualTo("050100" + "05010001c000020601bb");
        Upstream six = dial("[2001:db8::1]:443", Map.of()).says("05 00");
        assertThat(six.heard()).isEqualTo("050100" + "0501000420010db800000000000000000000000101bb");
    }

    @Test
    void logsInWhenTheProxyAsks() {
        Upstream upstream = dial("a.b:1", Map.of("user", "me", "password", "sécret"));
        assertThat(upstream.heard()).isEqualTo("05020002");
        upstream.says("05 02");
        assertThat(upstream.heard()).isEqualTo(Upstream.hex("01 02 \"me\" 07 \"s\" C3A9 \"cret\""));
        upstream.dribbles("01 00");
        assertThat(upstream.heard()).isEqualTo(Upstream.hex("05 01 00 03 03 \"a.b\" 0001"));
        upstream.says("05 00 00 03 02 \"x.\" 0050");
        assertThat(upstream.dialled.isSuccess()).isTrue();
        upstream.gone();
    }

    @Test
    void goesOnWithoutLoginWhenTheProxyWantsNone() {
        Upstream upstream =
                dial("a.b:1", Map.of("user", "me", "password", "secret")).says("05 00");
        assertThat(upstream.heard()).startsWith("05020002" + "050100");
    }

    @Test
    void takesAnIpv6AddressInTheReply() {
        Upstream upstream = dial("a.b:1", Map.of()).says("05 00").says("05 00 00 04 00*16 0050");
        assertThat(upstream.dialled.isSuccess()).isTrue();
    }

    @Test
    void aLoginThatIsRefusedIsNotTheClientsFault() {
        Upstream wrong = dial("a.b:1", Map.of("user", "me", "password", "x"))
                .says("05 02")
                .says("01 01");
        assertThat(wrong.refused().reason()).isEqualTo(Refusal.DENIED);
        assertThat(wrong.refused()).hasMessage("word: password status 1: proxy refuses our login");
        Upstream missing = dial("a.b:1", Map.of()).says("05 FF");
        assertThat(missing.refused().reason()).isEqualTo(Refusal.DENIED);
        assertThat(missing.wire.isOpen()).isFalse();
    }

    @Test
    void aLoginThatDoesNotFitIsRefusedAndNotTold() {
        Upstream upstream =
                dial("a.b:1", Map.of("user", "me", "password", "x".repeat(256))).says("05 02");
        assertThat(upstream.refused()).hasMessage("word: password of 256 bytes: expected at most 255");
        assertThat(upstream.heard()).isEqualTo("05020002");
    }

    @ParameterizedTest
    @CsvSource({
        "1,UNREACHABLE",
        "2,DENIED",
        "3,UNREACHABLE",
        "4,UNRESOLVED",
        "5,CONNECTION_REFUSED",
        "6,TIMED_OUT",
        "7,UNREACHABLE",
        "8,UNREACHABLE",
        "240,UNREACHABLE"
    })
    void everyReplyHasAReason(int code, Refusal reason) {
        Upstream upstream = dial("a.b:1", Map.of()).says("05 00").says("05 %02x".formatted(code));
        assertThat(upstream.refused().reason()).isEqualTo(reason);
        assertThat(upstream.refused().text()).startsWith("word: reply " + code + ": ");
        assertThat(upstream.wire.isOpen()).isFalse();
        upstream.gone();
    }

    @ParameterizedTest
    @ValueSource(strings = {"04 00", "05 02", "05 01", "48 54", "05 00 04 00", "05 00 05 00 00 02 00 00"})
    void strangeAnswersAreRefused(String answer) {
        Upstream upstream = dial("a.b:1", Map.of()).says(answer);
        assertThat(upstream.refused().reason()).isEqualTo(Refusal.UNREACHABLE);
        assertThat(upstream.wire.isOpen()).isFalse();
        upstream.gone();
    }
}
