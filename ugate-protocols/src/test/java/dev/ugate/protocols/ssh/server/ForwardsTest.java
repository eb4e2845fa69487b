package dev.ugate.protocols.ssh.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Endpoint;
import dev.ugate.model.HostPort;
import dev.ugate.model.Identity;
import dev.ugate.model.Intent;
import dev.ugate.model.Peer;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.net.reverse.Reverse;
import dev.ugate.protocols.ssh.channel.Bounds;
import dev.ugate.protocols.ssh.channel.Talk;
import dev.ugate.protocols.ssh.server.ServerConnection.Means;
import dev.ugate.protocols.ssh.wire.Message;
import dev.ugate.spi.Dial;
import dev.ugate.testing.FakeGate;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ForwardsTest {
    private static final Identity ANN = new Identity("ssh:SHA256:ann", Identity.Proof.SSH_KEY);
    private static final InetSocketAddress CALLER = new InetSocketAddress("192.0.2.7", 1234);

    /** {@code 15022} as the wire has it. */
    private static final String ANY_PORT = "00003aae";

    private final Reverse reverse = new Reverse(() -> new Reverse.Terms() {
        @Override
        public boolean allows(String name, Identity owner) {
            return name.endsWith(".m");
        }

        @Override
        public boolean reserves(String name) {
            return false;
        }

        @Override
        public int mostNames() {
            return 2;
        }

        @Override
        public int mostTunnels() {
            return 2;
        }
    });

    private Talk talk(Optional<Identity> identity) {
        Means means = Serving.streams(new FakeGate(), reverse);
        return new Talk(new ServerConnection(means, new Anybody("ann", identity)), Bounds.STANDARD, Talk.OPENSSH);
    }

    private static Talk forward(Talk talk, String request, String host, int port) {
        return talk.asks(request, true, out -> {
            Talk.string(out, host);
            out.writeInt(port);
        });
    }

    private Future<Channel> dial(Talk talk, String name, int port) {
        HostPort target = new HostPort(name, port);
        Endpoint endpoint = reverse.resolve(target)
                .toCompletableFuture()
                .join()
                .orElseThrow()
                .stages()
                .get(0)
                .get(0);
        Intent intent = Intent.bytes("socks5", Peer.of(CALLER, CALLER), target);
        Dial dial = new Dial(intent, endpoint, System.nanoTime() + 10_000_000_000L);
        return reverse.dial(dial, talk.wire.eventLoop());
    }

    private static Refusal reason(Future<Channel> way) {
        return ((Refused) way.cause()).reason();
    }

    @Test
    void aNameIsReachedThroughTheConnectionUntilItIsCancelled() {
        try (Talk talk = talk(Optional.of(ANN))) {
            forward(talk, "tcpip-forward", "Web.m", 80);
            assertThat(talk.heard()).containsExactly("GRANTED");
            Future<Channel> way = dial(talk, "web.m", 80);
            // What was asked for comes back as it was written, or OpenSSH refuses it.
            assertThat(talk.heard())
                    .containsExactly("OPEN forwarded-tcpip 0 " + Bounds.STANDARD.window()
                            + " 32768 000000055765622e6d00000050000000093139322e302e322e37000004d2");
            assertThat(way.isDone()).isFalse();
            talk.say(
                    Message.CHANNEL_OPEN_CONFIRMATION,
                    out -> out.writeInt(0).writeInt(9).writeInt(1000).writeInt(32768));
            assertThat(way.isSuccess()).isTrue();
            way.getNow().writeAndFlush(io.netty.buffer.Unpooled.copiedBuffer(new byte[] {'a'}));
            assertThat(talk.heard()).containsExactly("DATA 9 a");
            assertThat(reason(dial(talk, "web.m", 81))).isEqualTo(Refusal.UNREACHABLE);
            forward(talk, "cancel-tcpip-forward", "Web.m", 80);
            forward(talk, "cancel-tcpip-forward", "Web.m", 80);
            assertThat(talk.heard()).containsExactly("GRANTED", "DENIED");
            assertThat(reverse.owned()).isZero();
        }
    }

    @Test
    void whatTheClientRefusesIsRefused() {
        try (Talk talk = talk(Optional.of(ANN))) {
            forward(talk, "tcpip-forward", "web.m", 80);
            Future<Channel> way = dial(talk, "web.m", 80);
            talk.say(Message.CHANNEL_OPEN_FAILURE, out -> {
                out.writeInt(0).writeInt(2);
                Talk.string(out, "Connection refused");
                Talk.string(out, "");
            });
            assertThat(reason(way)).isEqualTo(Refusal.CONNECTION_REFUSED);
            assertThat(talk.engine.live()).isZero();
        }
    }

    @Test
    void portZeroTakesEveryPortOfTheName() {
        try (Talk talk = talk(Optional.of(ANN))) {
            forward(talk, "tcpip-forward", "any.m", 0);
            assertThat(talk.heard()).containsExactly("GRANTED " + ANY_PORT);
            dial(talk, "any.m", 4711);
            assertThat(talk.heard()).singleElement().asString().contains("000000" + "05616e792e6d" + ANY_PORT);
            forward(talk, "cancel-tcpip-forward", "any.m", 15022);
            assertThat(talk.heard()).containsExactly("GRANTED");
            assertThat(reverse.owned()).isZero();
        }
    }

    @Test
    void portsOfANameShareIt() {
        try (Talk talk = talk(Optional.of(ANN))) {
            forward(talk, "tcpip-forward", "web.m", 80);
            forward(talk, "tcpip-forward", "web.m", 443);
            forward(talk, "tcpip-forward", "web.m", 443);
            assertThat(talk.heard()).containsExactly("GRANTED", "GRANTED", "DENIED");
            assertThat(reverse.owned()).isOne();
            forward(talk, "cancel-tcpip-forward", "web.m", 80);
            assertThat(reverse.owned()).isOne();
            talk.wire.close();
            talk.wire.runPendingTasks();
            assertThat(reverse.owned()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "*", "0.0.0.0", "::", "192.0.2.1", "web.example", "two words", "localhost"})
    void nobodyIsReachedByWhatOthersReachOrOwn(String host) {
        try (Talk talk = talk(Optional.of(ANN))) {
            forward(talk, "tcpip-forward", host, 8080);
            assertThat(talk.heard()).containsExactly("DENIED");
        }
    }

    @Test
    void namesHaveOwnersAndBounds() {
        try (Talk talk = talk(Optional.of(ANN));
                Talk other = talk(Optional.of(new Identity("key:BEN", Identity.Proof.KEY)));
                Talk nobody = talk(Optional.empty())) {
            for (String name : new String[] {"a.m", "b.m", "c.m"}) {
                forward(talk, "tcpip-forward", name, 80);
            }
            assertThat(talk.heard()).containsExactly("GRANTED", "GRANTED", "DENIED");
            forward(other, "tcpip-forward", "a.m", 80);
            forward(nobody, "tcpip-forward", "d.m", 80);
            assertThat(other.heard()).containsExactly("DENIED");
            assertThat(nobody.heard()).containsExactly("DENIED");
        }
    }

    @Test
    void aSessionWithoutACommandTellsAndEnds() {
        try (Talk talk = talk(Optional.of(ANN))) {
            forward(talk, "tcpip-forward", "web.m", 80);
            talk.asksFor(5, "session", 100_000, out -> {});
            talk.requests(0, "pty-req", true).requests(0, "exec", true).requests(0, "shell", true);
            assertThat(talk.heard())
                    .containsExactly(
                            "GRANTED",
                            "CONFIRM 5 0 " + Bounds.STANDARD.window() + " 32768",
                            "NO 5",
                            "NO 5",
                            "YES 5",
                            "DATA 5 you are ssh:SHA256:ann\nreached by web.m:80\n",
                            "REQUEST 5 exit-status false 00000000",
                            "EOF 5",
                            "CLOSE 5");
        }
    }

    @Test
    void noSessionBeginsAfterTheClientSaidSo() {
        try (Talk talk = talk(Optional.of(ANN))) {
            talk.asks("no-more-sessions@openssh.com", false, out -> {});
            talk.asksFor(5, "session", 100_000, out -> {});
            assertThat(talk.ending()).hasMessageContaining("none after no-more-sessions");
        }
    }

    @Test
    void aDialThatIsGivenUpClosesWhatTheClientOpens() {
        try (Talk talk = talk(Optional.of(ANN))) {
            forward(talk, "tcpip-forward", "web.m", 80);
            Future<Channel> way = dial(talk, "web.m", 80);
            talk.heard();
            way.cancel(false);
            talk.say(
                    Message.CHANNEL_OPEN_CONFIRMATION,
                    out -> out.writeInt(0).writeInt(9).writeInt(1000).writeInt(32768));
            assertThat(talk.heard()).containsExactly("CLOSE 9");
            talk.closes(0);
            assertThat(talk.engine.live()).isZero();
        }
    }
}
