package dev.ugate.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.config.ListenAddress.Medium;
import dev.ugate.model.HostPort;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class FormsTest {
    @ParameterizedTest
    @CsvSource({
        "200ms,200",
        "5s,5000",
        "90s,90000",
        "2m,120000",
        "1h,3600000",
        "7d,604800000",
        "0s,0",
        "1m30s,90000",
        "1h0m,3600000",
        "1h2m3s4ms,3723004"
    })
    void readsDurations(String text, long millis) {
        assertThat(Durations.parse(text)).isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "s",
                "ms",
                "5",
                "-5s",
                "1.5s",
                "5 s",
                "5S",
                "1h30",
                "1h 30m",
                "1s1s1s1s1s",
                "9999999999s",
                "367d",
                "366d1ms",
                "٥s"
            })
    void refusesOtherDurations(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Durations.parse(text));
    }

    @Test
    void durationsReadBackTheSame() {
        Random random = new Random(1);
        for (int i = 0; i < 10_000; i++) {
            Duration duration = Duration.ofMillis((long) (Math.pow(10, random.nextInt(6)) * random.nextInt(1000)));
            assertThat(Durations.parse(Durations.text(duration))).isEqualTo(duration);
        }
        assertThat(Durations.text(Duration.ofSeconds(3600))).isEqualTo("1h");
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:1080,TCP,true,127.0.0.1:1080",
        "localhost:1,TCP,true,127.0.0.1:1",
        "*:443,TCP,false,0.0.0.0:443",
        "'[::]:443',TCP,false,'[::]:443'",
        "'udp:[::1]:53',UDP,true,'udp:[::1]:53'",
        "unix:/run/../x.sock,UNIX,true,unix:/x.sock"
    })
    void readsAddresses(String text, Medium medium, boolean local, String canonical) {
        ListenAddress address = ListenAddress.parse(text);

        assertThat(address.medium()).isEqualTo(medium);
        assertThat(address.local()).isEqualTo(local);
        assertThat(address).hasToString(canonical).isEqualTo(ListenAddress.parse(canonical));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":",
                "1080",
                "a.example:1",
                "unix:",
                "unix:x",
                "udp:",
                "127.0.0.1:65536",
                "::1:80",
                "unix:/x\0y"
            })
    void refusesOtherAddresses(String text) {
        assertThatThrownBy(() -> ListenAddress.parse(text)).hasMessageContaining("expected");
    }

    @Test
    void refusesSocketPathsThatTheKernelWouldCut() {
        assertThat(ListenAddress.parse("unix:/" + "x".repeat(106))).isNotNull();
        assertThatIllegalArgumentException().isThrownBy(() -> ListenAddress.parse("unix:/" + "x".repeat(107)));
    }

    @Test
    void readsProxiesWithTheirLogin() {
        UpstreamProxy proxy = UpstreamProxy.parse("socks5://a%40b:p%3Aw%2B+%20@[::1]:1080");

        assertThat(proxy.address()).isEqualTo(new HostPort("::1", 1080));
        assertThat(proxy.carrier().options()).containsEntry("user", "a@b").containsEntry("password", "p:w++ ");
        assertThat(UpstreamProxy.parse(proxy.url(""))).isEqualTo(proxy);
        assertThat(proxy.url("***")).isEqualTo("socks5://a%40b:***@[::1]:1080");
        assertThat(UpstreamProxy.parse("http://proxy.example:3128/").url("")).isEqualTo("http://proxy.example:3128");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "10.0.0.1:1080",
                "ftp://h:1",
                "socks5:h:1",
                "http://h",
                "http://h:1/path",
                "http://h:1?q",
                "http://s3cret:%zz@h:1"
            })
    void refusesOtherProxiesWithoutTellingTheirPassword(String text) {
        assertThatThrownBy(() -> UpstreamProxy.parse(text))
                .hasMessageContaining("expected")
                .message()
                .doesNotContain("s3cret");
    }
}
