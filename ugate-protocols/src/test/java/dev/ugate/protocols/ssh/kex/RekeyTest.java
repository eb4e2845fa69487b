package dev.ugate.protocols.ssh.kex;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Refusal;
import dev.ugate.protocols.ssh.wire.Disconnect;
import dev.ugate.protocols.ssh.wire.Message;
import dev.ugate.protocols.ssh.wire.Violation;
import io.netty.buffer.ByteBuf;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** New keys under way, with data in flight both ways (RFC 4253 §9). */
final class RekeyTest {
    private static final Algorithms FAST = Pair.only("curve25519-sha256", "aes128-gcm@openssh.com");
    private static final byte[] TEXT = new byte[1000];

    private Pair pair = new Pair();

    @AfterEach
    void leavesNothing() {
        pair.end();
    }

    /** Keeps a digest of what it hears, and says as much as it may. */
    private static final class Stream extends Recorder {
        final MessageDigest in = sha256();
        final MessageDigest out = sha256();
        final Random random;
        int left;
        int got;

        Stream(long seed, int left) {
            this.random = new Random(seed);
            this.left = left;
        }

        void go() {
            while (opened > 1 && left > 0 && packets().isWritable()) {
                byte[] text = new byte[1 + random.nextInt(Math.min(left, 32_768))];
                random.nextBytes(text);
                out.update(text);
                left -= text.length;
                put(Message.CHANNEL_DATA, text);
                if (random.nextInt(3) == 0) {
                    break;
                }
            }
            packets().flush();
        }

        @Override
        public boolean received(int message, ByteBuf payload) {
            if (message == Message.CHANNEL_DATA) {
                got += payload.readableBytes();
                in.update(payload.nioBuffer());
                return true;
            }
            return super.received(message, payload);
        }

        @Override
        public void readComplete() {
            go();
        }

        @Override
        public void writable() {
            super.writable();
            go();
        }

        private static MessageDigest sha256() {
            try {
                return MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new AssertionError(e);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void stormsLoseNothingAndKeepTheOrder(long seed) {
        int size = 6_000_000;
        var client = new Stream(seed, size);
        var server = new Stream(seed + 100, size);
        pair = new Pair(FAST, new Renewal(100_000, 1L << 31, Duration.ofHours(1)), client, server).trusting();
        client.go();
        server.go();
        Random random = new Random(seed);
        while (client.left + server.left > 0 || client.got < size || server.got < size) {
            // Any split, either way, so that proposals cross.
            deliver(pair.client.heardBytes(), pair.server, random);
            deliver(pair.server.heardBytes(), pair.client, random);
            client.go();
            server.go();
            assertThat(pair.closed()).isEmpty();
        }
        assertThat(server.in.digest()).isEqualTo(client.out.digest());
        assertThat(client.in.digest()).isEqualTo(server.out.digest());
        assertThat(pair.host.verified()).isBetween(30, 400);
    }

    private static void deliver(byte[] bytes, dev.ugate.testing.Wire to, Random random) {
        for (int at = 0; at < bytes.length; ) {
            int end = Math.min(bytes.length, at + 1 + random.nextInt(60_000));
            to.send(Arrays.copyOfRange(bytes, at, end));
            at = end;
        }
    }

    private Pair renewing(Renewal renewal) {
        pair = new Pair(FAST, renewal, new Recorder(), new Recorder()).trusting();
        return pair;
    }

    @Test
    void keysLiveForSoManyPackets() {
        renewing(new Renewal(1L << 30, 10, Duration.ofHours(1)));
        byte[] session = pair.clientLink.sessionId();
        for (int i = 0; i < 25; i++) {
            pair.clientLayer.say(Message.CHANNEL_DATA, TEXT);
            pair.pump();
        }
        assertThat(pair.host.verified()).isBetween(3, 6);
        assertThat(pair.clientLink.sessionId()).isEqualTo(session);
        assertThat(pair.serverLayer.heard).hasSize(26);
        assertThat(pair.clientLayer.opened).isEqualTo(2);
    }

    @Test
    void keysLiveForSoLong() {
        renewing(new Renewal(1L << 30, 1L << 31, Duration.ofMinutes(1)));
        pair.server.pass(Duration.ofSeconds(61));
        pair.pump();
        assertThat(pair.host.verified()).isEqualTo(2);
        pair.client.pass(Duration.ofSeconds(61));
        pair.pump();
        assertThat(pair.host.verified()).isEqualTo(3);
        assertThat(pair.closed()).isEmpty();
    }

    @Test
    void bothMayBeginAtOnce() {
        renewing(new Renewal(1L << 30, 1L << 31, Duration.ofMinutes(1)));
        pair.server.pass(Duration.ofSeconds(61));
        pair.client.pass(Duration.ofSeconds(61));
        pair.pump();
        assertThat(pair.host.verified()).isEqualTo(2);
        assertThat(pair.closed()).isEmpty();
    }

    @Test
    void whatIsSaidMeanwhileWaitsAndGoesOutInOrder() {
        renewing(new Renewal(1L << 30, 1L << 31, Duration.ofMinutes(1)));
        pair.client.pass(Duration.ofSeconds(61));
        assertThat(pair.clientLink.isWritable()).isFalse();
        for (int i = 0; i < 5; i++) {
            pair.clientLayer.put(Message.CHANNEL_DATA, new byte[] {(byte) i});
        }
        // The server had said this before it heard of new keys.
        pair.serverLayer.say(Message.CHANNEL_EOF, new byte[] {9});
        pair.pump();
        assertThat(pair.serverLayer.heard).containsExactly("5 ", "94 00", "94 01", "94 02", "94 03", "94 04");
        assertThat(pair.clientLayer.heard).containsExactly("96 09");
        assertThat(pair.clientLink.isWritable()).isTrue();
        assertThat(pair.clientLayer.writable).isPositive();
    }

    /** AsyncSSH 2.10 sends the packet that made it begin. */
    @Test
    void whatStillComesBehindAProposalIsTaken() {
        renewing(new Renewal(1L << 30, 1L << 31, Duration.ofMinutes(1)));
        pair.client.pass(Duration.ofSeconds(61));
        pair.clientLink.out().begin(Message.CHANNEL_DATA, 1).writeByte(1);
        pair.clientLink.out().seal();
        pair.clientLink.flush();
        pair.pump();
        assertThat(pair.closed()).isEmpty();
        assertThat(pair.serverLayer.heard).containsExactly("5 ", "94 01");
        assertThat(pair.host.verified()).isEqualTo(2);
    }

    @Test
    void smallTalkMayComeWithinALaterExchange() {
        renewing(new Renewal(1L << 30, 1L << 31, Duration.ofMinutes(1)));
        pair.client.pass(Duration.ofSeconds(61));
        pair.clientLink.out().begin(Message.IGNORE, 4).writeInt(0);
        pair.clientLink.out().seal();
        pair.pump();
        assertThat(pair.closed()).isEmpty();
        assertThat(pair.host.verified()).isEqualTo(2);
    }

    @Test
    void anotherHostKeyIsNoRenewal() {
        renewing(new Renewal(1L << 30, 1L << 31, Duration.ofMinutes(1)));
        Host other = new Host();
        pair.clientLink.session().show(pair.host.blob(Host.ED25519));
        org.assertj.core.api.Assertions.assertThatThrownBy(
                        () -> pair.clientLink.session().show(other.blob(Host.ED25519)))
                .isInstanceOfSatisfying(
                        Violation.class, why -> assertThat(why.code()).isEqualTo(Disconnect.HOST_KEY_NOT_VERIFIABLE));
    }

    @Test
    void anExchangeThatTheOtherEndLeavesLyingEnds() {
        renewing(new Renewal(1L << 30, 1L << 31, Duration.ofMinutes(1)));
        pair.client.pass(Duration.ofSeconds(61));
        pair.client.heardBytes();
        pair.client.pass(Duration.ofSeconds(11));
        assertThat(pair.clientLayer.closed)
                .singleElement()
                .satisfies(why -> assertThat(why.why().reason()).isEqualTo(Refusal.TIMED_OUT));
    }

    @Test
    void timeInWhichNothingIsReadDoesNotCount() {
        renewing(new Renewal(1L << 30, 1L << 31, Duration.ofMinutes(1)));
        pair.client.pass(Duration.ofSeconds(61));
        pair.clientLink.reading(false);
        pair.client.pass(Duration.ofSeconds(31));
        assertThat(pair.clientLayer.closed).isEmpty();
        pair.clientLink.reading(true);
        pair.client.pass(Duration.ofSeconds(11));
        assertThat(pair.clientLayer.closed).hasSize(1);
    }

    @Test
    void aPeerCannotMakeUsHoldAnswersWithoutEnd() {
        renewing(new Renewal(1L << 30, 1L << 31, Duration.ofMinutes(1)));
        pair.server.pass(Duration.ofSeconds(61));
        pair.server.heardBytes();
        for (int i = 0; i < 65; i++) {
            pair.clientLayer.say(Message.PING, new byte[4]);
        }
        pair.server.send(pair.client.heardBytes());
        assertThat(pair.serverLayer.closed)
                .singleElement()
                .satisfies(why -> assertThat(why.why().reason()).isEqualTo(Refusal.OVERLOADED));
    }

    @Test
    void aLayerCannotMakeUsHoldDataWithoutEnd() {
        renewing(new Renewal(1L << 30, 1L << 31, Duration.ofMinutes(1)));
        pair.client.pass(Duration.ofSeconds(61));
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> {
                    for (int i = 0; i < 200; i++) {
                        pair.clientLayer.put(Message.CHANNEL_DATA, new byte[32_768]);
                    }
                })
                .isInstanceOf(Violation.class);
    }

    @Test
    void nobodyRenewsBeforeAuthentication() {
        pair = new Pair(FAST, new Renewal(100, 1, Duration.ofMinutes(1)), new Recorder(), new Recorder()).begin();
        pair.client.pass(Duration.ofSeconds(61));
        pair.server.pass(Duration.ofSeconds(61));
        pair.pump();
        assertThat(pair.host.verified()).isEqualTo(1);
        // A client that thinks otherwise.
        pair.clientLayer.trust();
        pair.client.pass(Duration.ofSeconds(61));
        pair.pump();
        assertThat(pair.serverLayer.closed)
                .singleElement()
                .satisfies(why -> assertThat(why).hasMessageContaining("before authentication"));
    }
}
