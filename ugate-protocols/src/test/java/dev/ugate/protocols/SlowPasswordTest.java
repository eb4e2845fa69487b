package dev.ugate.protocols;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.HostPort;
import dev.ugate.model.Identity;
import dev.ugate.model.Limits;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.net.tls.Certificates;
import dev.ugate.spi.Ingress.Forward;
import dev.ugate.spi.Protocol;
import dev.ugate.testing.FakeGate;
import dev.ugate.testing.Listening;
import dev.ugate.testing.Notes;
import dev.ugate.testing.Sink;
import dev.ugate.testing.Wire;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A password takes a while to be checked: nothing is decided, lost or read without bound meanwhile. */
final class SlowPasswordTest {
    private static final Identity ME = new Identity("user:me", Identity.Proof.PASSWORD);
    private static final byte[] LOGIN = {5, 1, 2, 1, 2, 'm', 'e', 1, 'x'};
    private static final byte[] REQUEST = {5, 1, 0, 1, 10, 0, 0, 7, 0, 80};
    private static final byte[] CONNECT =
            "CONNECT db:1 HTTP/1.1\r\nHost: db:1\r\nProxy-Authorization: Basic bWU6eA==\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII);

    private final CompletableFuture<Optional<Identity>> verdict = new CompletableFuture<>();
    private final FakeGate gate = new FakeGate();
    private final Wire wire = Wire.remote(new Listening(
            Forward.AUTHENTICATED,
            (name, password) -> verdict,
            List.of(),
            Optional.empty(),
            Limits.STANDARD,
            new Notes()));

    private void serve(String name) {
        Protocol protocol = Protocols.all(Certificates.NONE).stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow();
        protocol.serve(wire, gate);
    }

    private String heard() {
        return new String(wire.heardBytes(), StandardCharsets.ISO_8859_1);
    }

    @AfterEach
    void releasesEverything() {
        wire.close();
        wire.runPendingTasks();
        wire.finishAndReleaseAll();
        assertThat(wire.tally().live()).isEmpty();
    }

    private static byte[] joined(byte[]... parts) {
        var out = new java.io.ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    @Test
    void socks5AnswersAndGoesOnOnlyWhenTheVerdictIsThere() {
        serve("socks5");
        wire.send(LOGIN);
        assertThat(wire.heard()).isEqualTo("0502");
        assertThat(wire.config().isAutoRead()).isFalse();
        verdict.complete(Optional.of(ME));
        assertThat(wire.heard()).isEqualTo("0100");
        assertThat(wire.config().isAutoRead()).isTrue();
        wire.send(REQUEST);
        assertThat(gate.stream().intent().target()).isEqualTo(new HostPort("10.0.0.7", 80));
        assertThat(gate.stream().intent().peer().identity()).contains(ME);
        gate.refuse(Refusal.DENIED);
    }

    @Test
    void socks5KeepsWhatWasSentEarly() {
        serve("socks5");
        wire.send(joined(LOGIN, REQUEST, new byte[] {'e', 'a', 'r', 'l', 'y'})).sendFin();
        assertThat(gate.opened()).isEmpty();
        verdict.complete(Optional.of(ME));
        wire.runPendingTasks();
        Sink sink = gate.accept();
        assertThat(sink.taken()).asString(StandardCharsets.US_ASCII).isEqualTo("early");
        assertThat(sink.ended()).isTrue();
    }

    @Test
    void socks5RefusesWhenTheVerdictIsNoOrFails() {
        serve("socks5");
        wire.send(joined(LOGIN, REQUEST));
        verdict.complete(Optional.empty());
        assertThat(wire.heard()).isEqualTo("05020101");
        assertThat(wire.sawEnd()).isTrue();
        assertThat(gate.opened()).isEmpty();
    }

    @Test
    void socks5RefusesWhenTooManyWait() {
        serve("socks5");
        wire.send(LOGIN);
        verdict.completeExceptionally(Refused.because(Refusal.OVERLOADED, "test"));
        assertThat(wire.heard()).isEqualTo("05020101");
        assertThat(wire.sawEnd()).isTrue();
    }

    @Test
    void socks5GivesUpAtTheDeadlineAndForgetsALateVerdict() {
        serve("socks5");
        wire.send(LOGIN);
        wire.pass(Duration.ofMinutes(1));
        assertThat(wire.heard()).isEqualTo("05020101");
        verdict.complete(Optional.of(ME));
        wire.runPendingTasks();
        assertThat(gate.opened()).isEmpty();
        assertThat(wire.heard()).isEmpty();
    }

    @Test
    void socks5ForgetsAClientThatLeft() {
        serve("socks5");
        wire.send(joined(LOGIN, REQUEST));
        wire.close();
        verdict.complete(Optional.of(ME));
        wire.runPendingTasks();
        assertThat(gate.opened()).isEmpty();
    }

    @Test
    void httpOpensTheTunnelOnlyWhenTheVerdictIsThereAndKeepsWhatWasSentEarly() {
        serve("http");
        wire.send(joined(CONNECT, new byte[] {'e', 'a', 'r', 'l', 'y'}));
        assertThat(gate.opened()).isEmpty();
        assertThat(wire.config().isAutoRead()).isFalse();
        wire.sendFin();
        assertThat(wire.sawEnd()).isFalse();
        verdict.complete(Optional.of(ME));
        wire.runPendingTasks();
        assertThat(gate.stream().intent().peer().identity()).contains(ME);
        Sink sink = gate.accept();
        assertThat(sink.taken()).asString(StandardCharsets.US_ASCII).isEqualTo("early");
        assertThat(sink.ended()).isTrue();
        assertThat(heard()).startsWith("HTTP/1.1 200");
    }

    @Test
    void httpAsksThenReadsTheNextRequestOfTheSameConnection() {
        serve("http");
        wire.send("GET http://db/ HTTP/1.1\r\nHost: db\r\nProxy-Authorization: Basic bWU6eA==\r\n\r\n"
                .getBytes(StandardCharsets.US_ASCII));
        assertThat(gate.asked()).isEmpty();
        verdict.complete(Optional.of(ME));
        wire.runPendingTasks();
        assertThat(gate.exchange().intent().peer().identity()).contains(ME);
        gate.refuse(Refusal.DENIED);
        assertThat(heard()).startsWith("HTTP/1.1 403");
        // Without credentials the next request is nobody's, whoever sent the one before.
        wire.send("GET http://db/ HTTP/1.1\r\nHost: db\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        assertThat(heard()).startsWith("HTTP/1.1 407");
        assertThat(gate.asked()).hasSize(1);
    }

    @Test
    void httpRefusesWhenTheVerdictIsNo() {
        serve("http");
        wire.send(CONNECT);
        verdict.complete(Optional.empty());
        assertThat(heard()).startsWith("HTTP/1.1 407");
        assertThat(gate.opened()).isEmpty();
    }

    @Test
    void httpRefusesWhenTooManyWait() {
        serve("http");
        wire.send(CONNECT);
        verdict.completeExceptionally(Refused.because(Refusal.OVERLOADED, "test"));
        assertThat(heard()).startsWith("HTTP/1.1 503");
        assertThat(wire.sawEnd()).isTrue();
    }

    @Test
    void httpForgetsAClientThatLeft() {
        serve("http");
        wire.send(CONNECT);
        wire.close();
        verdict.complete(Optional.of(ME));
        wire.runPendingTasks();
        assertThat(gate.opened()).isEmpty();
    }
}
