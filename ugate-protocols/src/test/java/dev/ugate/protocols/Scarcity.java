package dev.ugate.protocols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ugate.gate.LiveStreams;
import dev.ugate.testing.Tally;
import java.time.Duration;

/** A gate whose buffers come to an end, in the middle of what one client asks for. */
public record Scarcity(LiveStreams live, Tally buffers, long missing) {
    /** What a client heard that was served: an exit code and a status. */
    public static final String SERVED = "0 200";

    /** What one heard that waited in vain. */
    public static final String STUCK = "28 ";

    /** How long a client waits. */
    public static final Duration PATIENCE = Duration.ofSeconds(4);

    /** More buffers than anybody needs here. */
    private static final int MOST = 2000;

    /** Of the first buffers each, of later ones one of so many: a long body has the same need over and over. */
    private static final int EACH = 24;

    private static final int STEP = 53;

    /** Somebody who asks for the same each time. */
    @FunctionalInterface
    public interface Client {
        String ask() throws Exception;
    }

    /** The client is answered or hears the end, whichever buffer was missing; nothing of it stays, and the next is served. */
    public void isHeardOfBy(Client client) throws Exception {
        assertThat(client.ask()).startsWith(SERVED);
        for (int few = 0; few < MOST; few += few < EACH ? 1 : STEP) {
            buffers.exhaust(few, missing);
            String heard = client.ask();
            boolean spent = buffers.replenish() == 0;
            assertThat(heard).as("without buffer %d", few).doesNotStartWith(STUCK);
            await().atMost(PATIENCE)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(5))
                    .alias("streams without buffer " + few)
                    .untilAsserted(() -> assertThat(live.rows(3)).isEmpty());
            if (spent) {
                assertThat(heard).startsWith(SERVED);
                break;
            }
        }
        assertThat(client.ask()).startsWith(SERVED);
        // io_uring may hold an empty one for what a kept connection says next.
        await().untilAsserted(() -> assertThat(buffers.live()).allMatch(buffer -> buffer.writerIndex() == 0));
    }
}
