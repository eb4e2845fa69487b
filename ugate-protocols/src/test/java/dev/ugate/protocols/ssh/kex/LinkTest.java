package dev.ugate.protocols.ssh.kex;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Refusal;
import dev.ugate.net.Listener;
import dev.ugate.protocols.ssh.keys.Method;
import dev.ugate.protocols.ssh.keys.Suite;
import dev.ugate.protocols.ssh.wire.Disconnect;
import dev.ugate.protocols.ssh.wire.Identification;
import dev.ugate.protocols.ssh.wire.Message;
import dev.ugate.protocols.ssh.wire.Violation;
import dev.ugate.protocols.ssh.wire.Wire;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class LinkTest {
    private static final byte[] HELLO = "hello".getBytes(StandardCharsets.US_ASCII);
    private static final String HELLO_HEX = HexFormat.of().formatHex(HELLO);

    private Pair pair = new Pair();

    @AfterEach
    void leavesNothing() {
        pair.end();
    }

    static Stream<Arguments> algorithms() {
        return Method.labels().stream()
                .flatMap(method -> Suite.labels().stream().map(cipher -> Arguments.of(method, cipher)));
    }

    @ParameterizedTest
    @MethodSource("algorithms")
    void bothEndsAgreeOnKeys(String method, String cipher) {
        pair = new Pair(Pair.only(method, cipher), Renewal.STANDARD, new Recorder(), new Recorder()).trusting();
        pair.clientLayer.say(Message.CHANNEL_DATA, HELLO);
        pair.serverLayer.say(Message.CHANNEL_EOF, HELLO);
        pair.pump();
        assertThat(pair.closed()).isEmpty();
        assertThat(pair.serverLayer.heard).containsExactly("5 ", "94 " + HELLO_HEX);
        assertThat(pair.clientLayer.heard).containsExactly("96 " + HELLO_HEX);
        assertThat(pair.clientLink.sessionId()).isNotEmpty().isEqualTo(pair.serverLink.sessionId());
        assertThat(pair.clientLink.hostKey()).isEqualTo(pair.host.blob(Host.ED25519));
        assertThat(pair.host.verified()).isEqualTo(1);
    }

    @Test
    void prefersWhatQuantumComputersDoNotBreak() {
        assertThat(Algorithms.STANDARD.methods()).startsWith("mlkem768x25519-sha256", "sntrup761x25519-sha512");
        assertThat(Algorithms.STANDARD.ciphers()).startsWith("aes128-gcm@openssh.com");
    }

    @Test
    void extensionsAreToldToThoseThatAsk() {
        pair.begin();
        assertThat(pair.clientLink.extension("server-sig-algs")).isEqualTo(Host.ED25519);
        assertThat(pair.clientLink.extension("ping@openssh.com")).isEqualTo("0");
        assertThat(pair.serverLink.extension("server-sig-algs")).isNull();
        assertThat(pair.clientLink.peerVersion()).isEqualTo(Identification.OWN);
    }

    @Test
    void layersOpenOnceWithTheFirstKeys() {
        pair.begin();
        assertThat(pair.clientLayer.opened).isEqualTo(1);
        assertThat(pair.serverLayer.opened).isEqualTo(1);
        assertThat(pair.clientLink.isWritable()).isTrue();
    }

    @Test
    void anotherHostsKeyIsRefused() {
        Host other = new Host();
        pair.server
                .pipeline()
                .addLast(new Link(
                        pair.server,
                        Pair.terms(Pair.server(other), Algorithms.STANDARD, Renewal.STANDARD),
                        pair.serverLayer));
        pair.client.pipeline().addLast(pair.clientLink);
        pair.pump();
        assertThat(pair.clientLayer.closed).singleElement().satisfies(why -> {
            assertThat(why.code()).isEqualTo(Disconnect.HOST_KEY_NOT_VERIFIABLE);
            assertThat(why.why().reason()).isEqualTo(Refusal.UPSTREAM_IDENTITY);
            assertThat(why.isTold()).isFalse();
        });
        assertThat(pair.serverLayer.closed).singleElement().satisfies(why -> {
            assertThat(why.code()).isEqualTo(Disconnect.HOST_KEY_NOT_VERIFIABLE);
            assertThat(why.isTold()).isTrue();
        });
        assertThat(pair.clientLayer.opened).isZero();
    }

    @Test
    void whatEitherEndSaysLastIsHeard() {
        pair.trusting();
        pair.clientLayer.put(Message.CHANNEL_DATA, HELLO);
        pair.clientLink.disconnect(Violation.of(Disconnect.BY_APPLICATION, "bye"));
        pair.pump();
        assertThat(pair.serverLayer.heard).contains("94 " + HELLO_HEX);
        assertThat(pair.serverLayer.closed)
                .singleElement()
                .satisfies(why -> assertThat(why).hasMessage("peer: bye"));
        assertThat(pair.clientLayer.closed).hasSize(1);
        assertThat(pair.client.sawEnd()).isTrue();
    }

    @Test
    void aLostConnectionIsTold() {
        pair.trusting();
        pair.server.sendFin();
        pair.client.close();
        assertThat(pair.closed()).hasSize(2).allMatch(Violation::isTold);
    }

    @Test
    void pingsAreAnsweredAndTheUnknownIsSaidToBe() {
        pair.trusting();
        pair.clientLayer.say(Message.PING, HexFormat.of().parseHex("00000002abcd"));
        pair.clientLayer.say(200, HELLO);
        pair.clientLayer.say(19, HELLO);
        pair.clientLayer.say(Message.IGNORE, HELLO);
        pair.clientLayer.say(Message.DEBUG, HELLO);
        pair.pump();
        assertThat(pair.closed()).isEmpty();
        assertThat(pair.serverLayer.heard).contains("200 " + HELLO_HEX).doesNotContain("19 " + HELLO_HEX);
    }

    @Test
    void requestsForAuthenticationAfterItArePassedOver() {
        pair.trusting();
        pair.clientLayer.say(Message.USERAUTH_REQUEST, HELLO);
        pair.pump();
        assertThat(pair.serverLayer.heard).containsExactly("5 ");
        pair.serverLayer.say(Message.USERAUTH_SUCCESS, HELLO);
        pair.pump();
        assertThat(pair.clientLayer.closed)
                .singleElement()
                .satisfies(why -> assertThat(why.code()).isEqualTo(Disconnect.PROTOCOL_ERROR));
    }

    @Test
    void whatWasWrittenTogetherGoesOutTogether() {
        pair.trusting();
        for (int i = 0; i < 50; i++) {
            pair.clientLayer.put(Message.CHANNEL_DATA, HELLO);
        }
        pair.clientLayer.packets().flush();
        pair.client.runPendingTasks();
        assertThat(pair.client.outboundMessages()).hasSizeBetween(1, 2);
        pair.pump();
        assertThat(pair.serverLayer.heard).hasSize(51);
    }

    @Test
    void drainingIsTheLayersAffair() {
        pair.trusting();
        pair.server.pipeline().fireUserEventTriggered(Listener.DRAINING);
        assertThat(pair.serverLayer.drains).isEqualTo(1);
    }

    @Test
    void drainingBeforeTheFirstKeysEndsTheConnection() {
        pair.server.pipeline().addLast(pair.serverLink);
        pair.server.pipeline().fireUserEventTriggered(Listener.DRAINING);
        assertThat(pair.serverLayer.closed)
                .singleElement()
                .satisfies(why -> assertThat(why.code()).isEqualTo(Disconnect.BY_APPLICATION));
        assertThat(pair.server.sawEnd()).isTrue();
    }

    @Test
    void readingStopsAndGoesOn() {
        pair.trusting();
        pair.serverLink.reading(false);
        assertThat(pair.server.config().isAutoRead()).isFalse();
        pair.serverLink.reading(true);
        assertThat(pair.server.config().isAutoRead()).isTrue();
    }

    @Test
    void aPeerThatTakesNoAnswersIsNotReadFrom() {
        pair.trusting();
        byte[] ping = new byte[30_004];
        ping[2] = 0x75;
        ping[3] = 0x30;
        for (int i = 0; i < 20; i++) {
            pair.clientLayer.say(Message.PING, ping);
            pair.client.runPendingTasks();
        }
        pair.server.config().setWriteBufferHighWaterMark(64 * 1024);
        byte[] pings = pair.client.heardBytes();
        pair.server.writeOneInbound(pair.server.alloc().buffer().writeBytes(pings));
        assertThat(pair.server.config().isAutoRead()).isFalse();
        pair.server.flushInbound();
        pair.pump();
        assertThat(pair.server.config().isAutoRead()).isTrue();
        assertThat(pair.closed()).isEmpty();
    }

    @Test
    void eachEndMayGreetInPieces() {
        pair.server.pipeline().addLast(pair.serverLink);
        pair.client.pipeline().addLast(pair.clientLink);
        for (int round = 0; round < 8; round++) {
            for (byte one : pair.client.heardBytes()) {
                pair.server.send(new byte[] {one});
            }
            for (byte one : pair.server.heardBytes()) {
                pair.client.send(new byte[] {one});
            }
        }
        assertThat(pair.serverLayer.opened).isEqualTo(1);
        assertThat(pair.clientLayer.opened).isEqualTo(1);
    }

    @Test
    void aServersGreetingIsSkipped() {
        pair.client.pipeline().addLast(pair.clientLink);
        pair.client.send("hello\r\n".getBytes(StandardCharsets.US_ASCII));
        pair.client.send("world".getBytes(StandardCharsets.US_ASCII));
        pair.client.send("\r\n".getBytes(StandardCharsets.US_ASCII));
        pair.server.pipeline().addLast(pair.serverLink);
        pair.pump();
        assertThat(pair.clientLayer.opened).isEqualTo(1);
    }

    /** Every step waits in a queue, and the link goes on when it is done. */
    @Test
    void longStepsAreComputedElsewhere() {
        Deque<Runnable> pool = new ArrayDeque<>();
        pair.client
                .pipeline()
                .addLast(new Link(pair.client, elsewhere(new Side.Client(pair.host), pool), pair.clientLayer));
        pair.server
                .pipeline()
                .addLast(new Link(pair.server, elsewhere(Pair.server(pair.host), pool), pair.serverLayer));
        pair.pump();
        int steps = 0;
        for (Runnable step = pool.poll(); step != null; step = pool.poll()) {
            assertThat(pair.clientLayer.opened).isZero();
            step.run();
            pair.pump();
            steps++;
        }
        assertThat(steps).isEqualTo(3);
        assertThat(pair.closed()).isEmpty();
        assertThat(pair.clientLayer.opened + pair.serverLayer.opened).isEqualTo(2);
    }

    @Test
    void aStepThatIsDoneTooLateIsForNobody() {
        Deque<Runnable> pool = new ArrayDeque<>();
        pair.client
                .pipeline()
                .addLast(new Link(pair.client, elsewhere(new Side.Client(pair.host), pool), pair.clientLayer));
        pair.server.pipeline().addLast(pair.serverLink);
        pair.pump();
        pair.client.close();
        pool.remove().run();
        pair.pump();
        assertThat(pair.clientLayer.closed).hasSize(1);
    }

    /** A peer that goes on as if it had its answer. */
    @ParameterizedTest
    @ValueSource(ints = {Message.KEX_INIT, Message.KEXINIT, Message.CHANNEL_DATA})
    void whatComesWhileAStepIsComputedWaits(int message) {
        Deque<Runnable> pool = new ArrayDeque<>();
        pair.server
                .pipeline()
                .addLast(new Link(pair.server, elsewhere(Pair.server(pair.host), pool), pair.serverLayer));
        new Peer(pair.server)
                .propose(Peer.proposal(List.of("curve25519-sha256"), List.of("aes128-gcm@openssh.com")))
                .say(
                        Message.KEX_INIT,
                        out -> Wire.string(
                                out, Method.CURVE25519.begin(Pair.RANDOM).init()))
                .say(message)
                .say(message);
        assertThat(pair.serverLayer.closed).isEmpty();
        assertThat(pair.server.config().isAutoRead()).isFalse();
        pool.remove().run();
        pair.server.runPendingTasks();
        assertThat(pair.serverLayer.closed).hasSize(1);
        assertThat(pair.serverLayer.opened).isZero();
    }

    @Test
    void aPeerMayGoWhileAStepIsComputed() {
        Deque<Runnable> pool = new ArrayDeque<>();
        pair.client
                .pipeline()
                .addLast(new Link(pair.client, elsewhere(new Side.Client(pair.host), pool), pair.clientLayer));
        pair.server.pipeline().addLast(pair.serverLink);
        pair.pump();
        pool.remove().run();
        pair.pump();
        assertThat(pool).hasSize(1);
        assertThat(pair.clientLayer.opened).isZero();
        // The server's NEWKEYS and extensions are held.
        pair.client.close();
        assertThat(pair.clientLayer.closed).hasSize(1);
    }

    @Test
    void aBadKeyIsFoundElsewhereToo() {
        Deque<Runnable> pool = new ArrayDeque<>();
        pair.server
                .pipeline()
                .addLast(new Link(pair.server, elsewhere(Pair.server(pair.host), pool), pair.serverLayer));
        new Peer(pair.server)
                .propose(Peer.proposal(List.of("curve25519-sha256"), List.of("aes128-gcm@openssh.com")))
                .say(Message.KEX_INIT, out -> Wire.string(out, new byte[32]));
        pool.remove().run();
        pair.server.runPendingTasks();
        assertThat(pair.serverLayer.closed)
                .singleElement()
                .satisfies(why -> assertThat(why.code()).isEqualTo(Disconnect.KEY_EXCHANGE_FAILED));
    }

    /** Nothing stands above the task that a result comes in. */
    @Test
    void aBugInAStepEndsTheLink() {
        Deque<Runnable> pool = new ArrayDeque<>();
        var broken = new Side.Client(new HostTrust() {
            @Override
            public List<String> algorithms() {
                return pair.host.algorithms();
            }

            @Override
            public void verify(String algorithm, byte[] blob, byte[] data, byte[] signature) {
                throw new StackOverflowError("planted");
            }
        });
        pair.client.pipeline().addLast(new Link(pair.client, elsewhere(broken, pool), pair.clientLayer));
        pair.server.pipeline().addLast(pair.serverLink);
        pair.pump();
        pool.remove().run();
        pair.pump();
        pool.remove().run();
        pair.pump();
        assertThat(pair.clientLayer.closed)
                .singleElement()
                .satisfies(why -> assertThat(why.why()).hasMessageContaining("planted"));
        assertThat(pair.client.isOpen()).isFalse();
    }

    @Test
    void aFullPoolTurnsPeersAway() {
        Terms terms = new Terms(
                Pair.server(pair.host), Algorithms.STANDARD, Renewal.STANDARD, Pair.SETTINGS, Pair.RANDOM, task -> {
                    throw new RejectedExecutionException();
                });
        pair.server.pipeline().addLast(new Link(pair.server, terms, pair.serverLayer));
        pair.client.pipeline().addLast(pair.clientLink);
        pair.pump();
        assertThat(pair.clientLayer.closed)
                .singleElement()
                .satisfies(why -> assertThat(why.why().reason()).isEqualTo(Refusal.OVERLOADED));
    }

    private static Terms elsewhere(Side side, Deque<Runnable> pool) {
        return new Terms(side, Algorithms.STANDARD, Renewal.STANDARD, Pair.SETTINGS, Pair.RANDOM, pool::add);
    }

    @Test
    void describesWhatItRefusesToThePeer() {
        pair.server.pipeline().addLast(pair.serverLink);
        pair.server.send("SSH-1.5-old\r\n".getBytes(StandardCharsets.US_ASCII));
        assertThat(pair.serverLayer.closed)
                .singleElement()
                .satisfies(why -> assertThat(why.code()).isEqualTo(Disconnect.VERSION_NOT_SUPPORTED));
        assertThat(new String(pair.server.heardBytes(), StandardCharsets.ISO_8859_1))
                .startsWith(Identification.OWN + "\r\n")
                .contains("identification: expected SSH-2.0-");
        assertThat(List.of(pair.server.sawEnd())).containsExactly(true);
    }
}
