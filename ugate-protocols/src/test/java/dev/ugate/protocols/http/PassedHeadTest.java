package dev.ugate.protocols.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Refusal;
import dev.ugate.spi.Connection;
import dev.ugate.testing.FakeGate;
import dev.ugate.testing.Listening;
import dev.ugate.testing.Wire;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** One captured connection, the gate played by the test. */
final class PassedHeadTest {
    private static final InetSocketAddress WAS_GOING_TO = new InetSocketAddress("203.0.113.9", 80);

    @Test
    void aRefusalHasABodyUnlessTheRequestIsHead() {
        assertThat(refused("GET"))
                .startsWith("HTTP/1.1 403 Forbidden\r\n")
                .containsPattern("\r\n\r\n403 Forbidden: .+\n$");
        assertThat(refused("HEAD"))
                .startsWith("HTTP/1.1 403 Forbidden\r\n")
                .containsPattern("\r\ncontent-length: [1-9][0-9]*\r\n")
                .endsWith("\r\n\r\n");
    }

    private static String refused(String method) {
        Wire wire = Wire.local(Listening.open());
        Connection accepted = Connection.of(wire);
        accepted.withPeer(accepted.peer().capturedFrom(WAS_GOING_TO)).on(wire);
        FakeGate gate = new FakeGate();
        new Http("me").serve(wire, gate);
        wire.send((method + " / HTTP/1.1\r\nHost: a.b\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        gate.refuse(Refusal.DENIED);
        String heard = new String(wire.heardBytes(), StandardCharsets.US_ASCII);
        assertThat(wire.sawEnd()).isTrue();
        wire.close();
        wire.checkException();
        assertThat(wire.tally().live()).isEmpty();
        return heard;
    }
}
