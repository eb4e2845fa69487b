package dev.ugate.protocols.http.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Cidr;
import dev.ugate.model.Identity;
import dev.ugate.model.Peer;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.http.Fields;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Ingress.HttpRules;
import dev.ugate.testing.Listening;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who is told of routes and addresses. */
final class DisclosureTest {
    private static final SocketAddress STRANGER = new InetSocketAddress("198.51.100.7", 40000);
    private static final Refused WHY =
            Refused.because(Refusal.CONNECTION_REFUSED, "route shop: endpoint 10.0.0.7:80: connect: refused");

    private static Connection from(SocketAddress remote) {
        var rules = new HttpRules(
                HttpRules.STANDARD.forwarded(),
                HttpRules.STANDARD.trace(),
                HttpRules.STANDARD.encodedSlash(),
                List.of(Cidr.parse("203.0.113.0/24")));
        return Connection.accepted(Listening.open().http(rules).ingress(), Peer.of(remote, STRANGER));
    }

    private static Refused told(Connection connection, String... fields) {
        return Disclosure.of(WHY, 502, Fields.of(fields), connection);
    }

    @Test
    void strangersHearTheErrorAndTheRequest() {
        Refused told = told(from(STRANGER), "x-request-id", "4f1d");
        assertThat(told.text()).isEqualTo("connection_refused, request 4f1d");
        assertThat(told.reason()).isEqualTo(Refusal.CONNECTION_REFUSED);
        assertThat(Answers.fields(502, told, Fields.NONE).first("proxy-status"))
                .contains("ugate; error=connection_refused; details=\"connection_refused, request 4f1d\"");
        assertThat(Answers.text(502, told)).isEqualTo("502 Bad Gateway: connection_refused, request 4f1d\n");
        assertThat(told(from(STRANGER)).text()).isEqualTo("connection_refused");
    }

    @Test
    void whoeverIsOursHearsEverything() {
        Identity member = new Identity("spiffe://mesh/ns/a/sa/b", Identity.Proof.CERTIFICATE);
        assertThat(List.of(
                        from(new InetSocketAddress("127.0.0.1", 1)),
                        from(new InetSocketAddress("::1", 1)),
                        from(new DomainSocketAddress("/tmp/x")),
                        from(new InetSocketAddress("203.0.113.9", 1)),
                        from(STRANGER).proven(member, true)))
                .allSatisfy(connection -> assertThat(told(connection)).isSameAs(WHY));
    }

    /** Somebody else's certificate proves a name, and not that it is one of ours. */
    @Test
    void aNameAloneIsAStrangers() {
        Identity other = new Identity("spiffe://other/ns/a/sa/b", Identity.Proof.CERTIFICATE);
        assertThat(told(from(STRANGER).proven(other, false)).text()).isEqualTo("connection_refused");
    }
}
