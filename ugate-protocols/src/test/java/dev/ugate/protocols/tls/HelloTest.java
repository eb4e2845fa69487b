package dev.ugate.protocols.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Limits;
import dev.ugate.model.Refusal;
import dev.ugate.net.tls.Certificates;
import dev.ugate.net.tls.TlsContexts;
import dev.ugate.testing.Authority;
import dev.ugate.testing.Changed;
import dev.ugate.testing.FakeGate;
import dev.ugate.testing.Listening;
import dev.ugate.testing.Notes;
import dev.ugate.testing.Sample;
import dev.ugate.testing.Wire;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.pkitesting.X509Bundle;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;

/** What becomes of a hello: labels, limits, and which certificate is asked for. */
final class HelloTest {
    private final FakeGate gate = new FakeGate();
    private final Notes notes = new Notes();

    @Test
    void namesAndProtocolsBecomeLabels() {
        serve(Certificates.NONE, Limits.STANDARD, "hello-sni");
        assertThat(gate.stream().intent().labels()).isEqualTo(Map.of("sni", "www.example.com", "alpn", "h2,http/1.1"));
        gate.refuse(Refusal.DENIED);
    }

    @Test
    void asksForTheCertificateByTheNameInLowerCase() {
        serve(
                (sni, alpn) -> {
                    assertThat(sni).contains("www.example.com");
                    assertThat(alpn).isEmpty();
                    return Optional.empty();
                },
                Limits.STANDARD,
                "hello-upper-case");
        assertThat(gate.opened()).hasSize(1);
        gate.refuse(Refusal.DENIED);
    }

    @Test
    void nameThatIsNoHostNameAsksAsIfThereWereNone() {
        serve(
                (sni, alpn) -> {
                    assertThat(sni).isEmpty();
                    return Optional.empty();
                },
                Limits.STANDARD,
                "bad-name-nonce");
        assertThat(notes.failed().get(0).reason()).isEqualTo(Refusal.NO_ROUTE);
    }

    @Test
    void l13MoreHandshakesThanTheLimitAreRefusedWithAnAlert() throws SSLException {
        X509Bundle own = Authority.create().issue("www.example.com");
        SslContext context = TlsContexts.server(
                own.getKeyPair().getPrivate(),
                List.of(own.getCertificatePath()),
                ClientAuth.NONE,
                List.of(),
                List.of());
        Wire wire = serve((sni, alpn) -> Optional.of(context), handshakes(0), "hello-sni");
        assertThat(wire.heard()).isEqualTo("15030300020250");
        assertThat(notes.failed().get(0).reason()).isEqualTo(Refusal.OVERLOADED);
    }

    private Wire serve(Certificates certificates, Limits limits, String sample) {
        Wire wire = Wire.local(Listening.open().limits(limits).journal(notes));
        new Tls(certificates).serve(wire, gate);
        return wire.send(Sample.of("tls", sample).sent());
    }

    private static Limits handshakes(int most) {
        return Changed.of(Limits.STANDARD, Map.of("handshakes", most));
    }
}
