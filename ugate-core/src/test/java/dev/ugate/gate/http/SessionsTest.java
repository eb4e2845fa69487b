package dev.ugate.gate.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.HostPort;
import dev.ugate.model.http.Fields;
import dev.ugate.model.http.SessionPersistence;
import dev.ugate.spi.Request;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class SessionsTest {
    private static final Instant NOW = Instant.parse("2026-11-24T03:00:00Z");
    private static final String PLACE = Sessions.name("10.0.0.1:80");
    private static final SessionPersistence COOKIE = new SessionPersistence("S", true, Optional.empty(), false);
    private static final SessionPersistence HOUR =
            new SessionPersistence("S", true, Optional.of(Duration.ofHours(1)), true);

    private static Request request(String scheme, String... fields) {
        return new Request("GET", scheme, new HostPort("a.test", 80), "/", Fields.of(fields), 0, new EmbeddedChannel());
    }

    @Test
    void everyInstanceCallsAnEndpointTheSame() {
        assertThat(PLACE).isEqualTo("7a7a4e77eee12848").isNotEqualTo(Sessions.name("10.0.0.2:80"));
    }

    @Test
    void whatIsToldIsShown() {
        Fields told = Sessions.told(COOKIE, request("http"), Fields.of("set-cookie", "own=1"), PLACE, NOW);
        assertThat(told.all("set-cookie")).containsExactly("own=1", "S=" + PLACE + "; Path=/; HttpOnly");
        assertThat(Sessions.shown(COOKIE, request("http", "cookie", "a=b;S=" + PLACE), NOW))
                .contains(PLACE);
    }

    @Test
    void aFieldIsReplaced() {
        var rule = new SessionPersistence("x-session", false, Optional.empty(), false);
        Fields told = Sessions.told(rule, request("http"), Fields.of("x-session", "upstream's"), PLACE, NOW);
        assertThat(told.all("x-session")).containsExactly(PLACE);
        assertThat(Sessions.shown(rule, request("http", "x-session", PLACE), NOW))
                .contains(PLACE);
    }

    @Test
    void cookiesOfOtherNamesAreOthers() {
        assertThat(Sessions.shown(COOKIE, request("http", "cookie", "s=" + PLACE, "cookie", "XS=" + PLACE), NOW))
                .isEmpty();
        // HTTP/2 may send a line for each.
        assertThat(Sessions.shown(COOKIE, request("http", "cookie", "a=b", "cookie", "S=" + PLACE), NOW))
                .contains(PLACE);
    }

    @Test
    void aCookieOfTlsIsForTlsAlone() {
        Fields told = Sessions.told(HOUR, request("https"), Fields.NONE, PLACE, NOW);
        assertThat(told.first("set-cookie").orElseThrow()).endsWith("; Path=/; HttpOnly; Secure; Max-Age=3600");
    }

    @Test
    void aSessionEndsWhenItsTimeIsOver() {
        String value = Sessions.told(HOUR, request("http"), Fields.NONE, PLACE, NOW)
                .first("set-cookie")
                .orElseThrow()
                .split(";", -1)[0];
        Request later = request("http", "cookie", value);
        assertThat(Sessions.shown(HOUR, later, NOW)).contains(PLACE);
        assertThat(Sessions.shown(HOUR, later, NOW.plusSeconds(3599))).contains(PLACE);
        assertThat(Sessions.shown(HOUR, later, NOW.plusSeconds(3600))).isEmpty();
        assertThat(Sessions.shown(HOUR, later, NOW.minusSeconds(1)))
                .as("from the future")
                .isEmpty();
        assertThat(Sessions.shown(COOKIE, later, NOW)).as("of another rule").isEmpty();
        assertThat(Sessions.shown(HOUR, request("http", "cookie", "S=" + PLACE), NOW))
                .as("without a time")
                .isEmpty();
        assertThat(Sessions.shown(HOUR, request("http", "cookie", "S=" + PLACE + ".zzzzzzzzzzz"), NOW))
                .as("with more than a time")
                .isEmpty();
    }
}
