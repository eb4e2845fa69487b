package dev.ugate.protocols.ssh.kex;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.protocols.ssh.wire.Message;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Handshakes and messages with something wrong somewhere: each ends by a violation or not at all, and never with a bug or a leak. */
final class MutationTest {
    private static final Algorithms FAST = Pair.only("curve25519-sha256", "aes128-gcm@openssh.com");

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void changedBytesOfAHandshakeOpenNothing(long seed) {
        Random random = new Random(seed);
        for (int run = 0; run < 60; run++) {
            Pair pair = new Pair(FAST, Renewal.STANDARD, new Recorder(), new Recorder());
            pair.server.pipeline().addLast(pair.serverLink);
            pair.client.pipeline().addLast(pair.clientLink);
            int victim = random.nextInt(6);
            boolean changed = false;
            for (int i = 0; i < 12; i++) {
                boolean up = i % 2 == 0;
                byte[] bytes = (up ? pair.client : pair.server).heardBytes();
                if (i == victim && bytes.length > 0) {
                    changed = true;
                    mutate(bytes, random);
                }
                (up ? pair.server : pair.client).send(bytes);
            }
            if (changed) {
                assertThat(pair.clientLayer.opened == 0 || pair.serverLayer.opened == 0 || sameSession(pair))
                        .isTrue();
            }
            assertThat(pair.serverLayer.heard).isEmpty();
            pair.end();
        }
    }

    private static boolean sameSession(Pair pair) {
        return Arrays.equals(pair.clientLink.sessionId(), pair.serverLink.sessionId());
    }

    private static void mutate(byte[] bytes, Random random) {
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
    }

    /** Messages in any order, with any content, from a peer that has the keys. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void messagesInAnyOrderMeetTheStateMachine(long seed) {
        Random random = new Random(seed);
        for (int run = 0; run < 60; run++) {
            Pair pair = new Pair(FAST, Renewal.STANDARD, new Recorder(), new Recorder());
            if (random.nextBoolean()) {
                pair.trusting();
            } else {
                pair.begin();
            }
            boolean trusted = pair.serverLayer.heard.size() == 1;
            for (int i = 0; i < 30 && pair.serverLayer.closed.isEmpty(); i++) {
                int message = random.nextInt(4) == 0 ? random.nextInt(256) : 1 + random.nextInt(50);
                byte[] content = new byte[random.nextInt(60)];
                random.nextBytes(content);
                pair.clientLink
                        .out()
                        .begin(message == Message.SERVICE_REQUEST ? 0 : message, 60)
                        .writeBytes(content);
                pair.clientLink.out().seal();
                pair.clientLink.flush();
                pair.client.runPendingTasks();
                pair.server.send(pair.client.heardBytes());
                pair.server.heardBytes();
            }
            assertThat(pair.serverLayer.opened).isEqualTo(trusted ? 2 : 1);
            pair.end();
        }
    }
}
