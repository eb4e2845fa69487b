package dev.ugate.protocols;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Intent;
import dev.ugate.model.Peer;
import dev.ugate.spi.Connection;
import dev.ugate.testing.FakeGate;
import dev.ugate.testing.Hex;
import dev.ugate.testing.Listening;
import dev.ugate.testing.Sample;
import dev.ugate.testing.Wire;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** What the samples do not tell: labels, and where a packet that names no host is meant to go. */
class MqttTest {
    private static final byte[] CONNECT = Sample.of("mqtt", "connect-v4").sent();

    private static Intent intent(Listening listening, UnaryOperator<Connection> known, byte[] packet) {
        FakeGate gate = new FakeGate();
        Wire wire = Wire.remote(listening);
        known.apply(Connection.of(wire)).on(wire);
        new Mqtt().serve(wire, gate);
        wire.send(packet);
        return gate.stream().intent();
    }

    private static Intent intent(byte[] packet) {
        return intent(Listening.open(), connection -> connection, packet);
    }

    @Test
    void clientIdAndUserBecomeLabelsAndNoIdentity() {
        Intent intent = intent(Sample.of("mqtt", "connect-will").sent());
        assertThat(intent.labels()).isEqualTo(Map.of("client_id", "sensor", "user", "bob"));
        assertThat(intent.peer().identity()).isEmpty();
        assertThat(intent.protocol()).isEqualTo("mqtt");
    }

    @Test
    void anEmptyClientIdIsALabelToo() {
        assertThat(intent(Hex.parse("10 0C 00 04 \"MQTT\" 04 02 00 3C 00 00")).labels())
                .isEqualTo(Map.of("client_id", ""));
    }

    @Test
    void theNameThatTlsWasAskedForIsTheTarget() {
        Intent intent = intent(
                Listening.open().port(8883),
                connection -> connection
                        .withTls(Optional.of("mqtt"), Optional.of("broker.example"))
                        .deeper(),
                CONNECT);
        assertThat(intent.target()).hasToString("broker.example:8883");
    }

    @Test
    void theDestinationBeforeCaptureIsTheTarget() {
        Intent intent = intent(
                Listening.open().port(8883),
                connection -> connection.withPeer(new Peer(
                        connection.peer().remote(),
                        connection.peer().local(),
                        Optional.of(new InetSocketAddress("203.0.113.5", 1884)),
                        Optional.empty())),
                CONNECT);
        assertThat(intent.target()).hasToString("203.0.113.5:1884");
    }

    @Test
    void aUnixSocketLeadsNowhereWithoutARoute() {
        UnixDomainSocketAddress path = UnixDomainSocketAddress.of("/run/ugate.sock");
        Intent intent = intent(Listening.open(), connection -> connection.withPeer(Peer.of(path, path)), CONNECT);
        assertThat(intent.target()).hasToString("unix.invalid:1883");
    }
}
