package dev.ugate.protocols.socks5;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Identity;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Ingress.Forward;
import dev.ugate.testing.FakeGate;
import dev.ugate.testing.Hex;
import dev.ugate.testing.Listening;
import dev.ugate.testing.Notes;
import dev.ugate.testing.Wire;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the samples do not tell: who the peer becomes, which method is chosen, what is answered at unusual addresses. */
class Socks5Test {
    private static final String CONNECT = "05 01 00 03 03 \"a.b\" 00 50";

    private final FakeGate gate = new FakeGate();
    private final Notes notes = new Notes();
    private final Listening open = Listening.open().journal(notes);
    private Wire wire = serve(open);

    private Wire serve(Listening listening) {
        wire = Wire.remote(listening);
        new Socks5().serve(wire, gate);
        return wire;
    }

    private String say(String hex) {
        return wire.send(Hex.parse(hex)).heard();
    }

    @AfterEach
    void nothingIsLeft() {
        wire.close();
        assertThat(wire.tally().live()).isEmpty();
    }

    @Test
    void rightPasswordBecomesThePeersIdentity() {
        serve(open.forward(Forward.AUTHENTICATED).user("me", "secret"));
        assertThat(say("05 02 00 02")).isEqualTo("0502");
        assertThat(say("01 02 \"me\" 06 \"secret\"")).isEqualTo("0100");
        say(CONNECT);
        assertThat(gate.stream().intent().peer().identity()).contains(new Identity("user:me", Identity.Proof.PASSWORD));
    }

    @Test
    void peerThatProvedItselfNeedsNoPassword() {
        serve(open.forward(Forward.AUTHENTICATED).user("me", "secret"));
        Identity mesh = new Identity("spiffe://a/ns/b/sa/c", Identity.Proof.CERTIFICATE);
        Connection connection = Connection.of(wire);
        connection.withPeer(connection.peer().withIdentity(mesh)).on(wire);
        assertThat(say("05 01 00")).isEqualTo("0500");
        say(CONNECT);
        assertThat(gate.stream().intent().peer().identity()).contains(mesh);
    }

    @Test
    void prefersNoPasswordWhereNoneIsNeeded() {
        serve(open.user("me", "secret"));
        assertThat(say("05 03 01 02 00")).isEqualTo("0500");
    }

    @Test
    void takesAnyNameWhereNobodyIsKnown() {
        assertThat(say("05 01 02")).isEqualTo("0502");
        assertThat(say("01 07 \"circuit\" 01 \"9\"")).isEqualTo("0100");
        say(CONNECT);
        assertThat(gate.stream().intent().peer().identity()).isEmpty();
    }

    @Test
    void checksAPasswordThatIsOfferedAloneWhereUsersAreKnown() {
        serve(open.user("me", "secret"));
        say("05 01 02");
        assertThat(say("01 02 \"me\" 05 \"wrong\"")).isEqualTo("0101");
        assertThat(wire.sawEnd()).isTrue();
    }

    @Test
    void refusesAnEmptyNameWhereAUserIsDemanded() {
        serve(open.forward(Forward.AUTHENTICATED).user("me", "secret"));
        say("05 01 02");
        assertThat(say("01 00 00")).isEqualTo("0101");
    }

    @Test
    void servesWhereOnlyRoutesAreCarried() {
        serve(open.forward(Forward.NONE));
        assertThat(say("05 01 00")).isEqualTo("0500");
        say(CONNECT);
        gate.refuse(Refusal.NO_ROUTE);
        assertThat(wire.heard()).isEqualTo("05020001000000000000");
    }

    @Test
    void repliesWithTheUpstreamsAddressIfItIsIpv6() {
        say("05 01 00");
        say(CONNECT);
        gate.accept(gate.stream(), upstreamAt(new InetSocketAddress("2001:db8::5", 258)));
        assertThat(wire.heard()).isEqualTo("0500000420010db80000000000000000000000050102");
    }

    @Test
    void repliesWithZerosForAnUpstreamWithoutAnIpAddress() {
        say("05 01 00");
        say(CONNECT);
        gate.accept(gate.stream(), upstreamAt(UnixDomainSocketAddress.of("/run/db.sock")));
        assertThat(wire.heard()).isEqualTo("05000001000000000000");
    }

    private static EmbeddedChannel upstreamAt(java.net.SocketAddress local) {
        return new EmbeddedChannel() {
            @Override
            protected java.net.SocketAddress localAddress0() {
                return local;
            }
        };
    }

    @Test
    void refusesUdpForAUnixSocket() {
        wire = Wire.from(UnixDomainSocketAddress.of("/run/ugate.sock"), open);
        new Socks5().serve(wire, gate);
        say("05 01 00");
        assertThat(say("05 03 00 01 00 00 00 00 00 00")).startsWith("0507");
    }

    @Test
    void saysFailureWhenTheRelaySocketCannotBeHad() {
        say("05 01 00");
        assertThat(say("05 03 00 01 00 00 00 00 00 00")).isEqualTo("05010001000000000000");
        assertThat(wire.sawEnd()).isTrue();
        assertThat(notes.failed())
                .singleElement()
                .extracting(Refused::text)
                .asString()
                .startsWith("socks5: udp relay: ");
    }

    @Test
    void answersEachStateAtTheDeadline() {
        wire.pass(Duration.ofSeconds(11));
        assertThat(wire.heard()).isEqualTo("05ff");
        serve(open.forward(Forward.AUTHENTICATED).user("me", "secret"));
        say("05 01 02");
        wire.pass(Duration.ofSeconds(11));
        assertThat(wire.heard()).isEqualTo("0101");
        serve(open);
        say("05 01 00");
        wire.pass(Duration.ofSeconds(11));
        assertThat(wire.heard()).isEqualTo("05040001000000000000");
        assertThat(notes.failed()).extracting(Refused::reason).containsOnly(Refusal.TIMED_OUT);
    }

    @Test
    void letsARefusedClientGoAsSoonAsItEnds() {
        say("05 01 00");
        say(CONNECT);
        gate.refuse(Refusal.DENIED);
        wire.send(new byte[100]);
        assertThat(wire.isOpen()).isTrue();
        wire.sendFin();
        assertThat(wire.isOpen()).isFalse();
    }

    @Test
    void letsARefusedClientGoThatEndedBefore() {
        say("05 01 00");
        say(CONNECT);
        wire.sendFin();
        gate.refuse(Refusal.DENIED);
        assertThat(wire.heard()).isEqualTo("05020001000000000000");
        assertThat(wire.isOpen()).isFalse();
    }

    @Test
    void namesTheProtocolAndTheFieldInItsErrors() {
        say("05 01 00");
        say("05 01 00 09 00");
        assertThat(notes.failed())
                .singleElement()
                .extracting(Refused::text)
                .isEqualTo("socks5: address type 9: expected 1, 3 or 4");
    }
}
