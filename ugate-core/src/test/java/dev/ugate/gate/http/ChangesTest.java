package dev.ugate.gate.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.HostPort;
import dev.ugate.model.Route;
import dev.ugate.model.http.Fields;
import dev.ugate.spi.Request;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ChangesTest {
    /** What HTTPRouteRedirectPortAndScheme of the Gateway API's conformance tests expects, behind TLS too. */
    @ParameterizedTest
    @CsvSource({
        "http, a.example:80, , , http://example.org/x",
        "http, a.example:8080, , , http://example.org:8080/x",
        "http, a.example:8080, , 80, http://example.org/x",
        "http, a.example:8080, https, , https://example.org/x",
        "http, a.example:80, https, 8443, https://example.org:8443/x",
        "https, a.example:443, , , https://example.org/x",
        "https, a.example:443, , 443, https://example.org/x",
        "https, a.example:443, , 8443, https://example.org:8443/x",
        "https, a.example:8443, , , https://example.org:8443/x",
        "https, a.example:8443, http, , http://example.org/x",
        "https, a.example:443, http, 80, http://example.org/x",
        "https, a.example:443, http, 8080, http://example.org:8080/x",
    })
    void aRedirectNamesAPortUnlessItsSchemeImpliesIt(
            String asked, String authority, String scheme, Integer port, String location) {
        var redirect = new Route.Redirect(
                Optional.ofNullable(scheme),
                Optional.of("example.org"),
                Optional.ofNullable(port),
                Optional.empty(),
                302);
        var request = new Request("GET", asked, HostPort.parse(authority), "/x", Fields.NONE, 0, new EmbeddedChannel());

        assertThat(Changes.location(redirect, request)).isEqualTo(location);
    }
}
