package dev.ugate.protocols;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Identity;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Ingress.Forward;
import dev.ugate.testing.FakeGate;
import dev.ugate.testing.Hex;
import dev.ugate.testing.Listening;
import dev.ugate.testing.Wire;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the samples do not tell. */
class Socks4Test {
    private static final String CONNECT = "04 01 00 50 C0 00 02 21 \"me\" 00";

    private final FakeGate gate = new FakeGate();

    private Wire serve(Listening listening) {
        Wire wire = Wire.remote(listening);
        new Socks4().serve(wire, gate);
        return wire;
    }

    @Test
    void userBecomesALabelAndNoIdentity() {
        serve(Listening.open()).send(Hex.parse(CONNECT));
        assertThat(gate.stream().intent().labels()).isEqualTo(Map.of("user", "me"));
        assertThat(gate.stream().intent().peer().identity()).isEmpty();
    }

    @Test
    void servesAPeerThatProvedItselfWhereAUserIsDemanded() {
        Wire wire = serve(Listening.open().forward(Forward.AUTHENTICATED).user("me", "secret"));
        Connection connection = Connection.of(wire);
        connection
                .withPeer(connection.peer().withIdentity(new Identity("key:1", Identity.Proof.KEY)))
                .on(wire);
        wire.send(Hex.parse(CONNECT));
        assertThat(gate.stream().intent().target()).hasToString("192.0.2.33:80");
    }

    @Test
    void takesTextsOfExactlyTheLimit() {
        Wire wire = serve(Listening.open());
        wire.send(Hex.parse("04 01 00 50 C0 00 02 21 61*255 00"));
        assertThat(gate.stream().intent().labels().get("user")).hasSize(255);
    }

    @Test
    void repliesWithZerosForAnAddressThatIsNotIpv4() {
        Wire wire = serve(Listening.open());
        wire.send(Hex.parse(CONNECT));
        gate.accept(gate.stream(), new EmbeddedChannel() {
            @Override
            protected SocketAddress localAddress0() {
                return new InetSocketAddress("2001:db8::5", 258);
            }
        });
        assertThat(wire.heard()).isEqualTo("005a000000000000");
    }
}
