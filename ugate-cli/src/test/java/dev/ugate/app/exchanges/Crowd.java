package dev.ugate.app.exchanges;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Players who share what is to be played. */
public final class Crowd {
    public static final int PLAYERS = 16;

    private Crowd() {}

    /** Plays what has this number, and says what was wrong. */
    public interface Play {
        List<String> faults(int player, int number) throws Exception;
    }

    /** Plays the numbers below {@code count} and returns what was wrong with any. */
    public static List<String> faults(int count, Play play) throws InterruptedException {
        Queue<String> faults = new ConcurrentLinkedQueue<>();
        AtomicInteger next = new AtomicInteger();
        ExecutorService players = Executors.newFixedThreadPool(PLAYERS);
        for (int i = 0; i < PLAYERS; i++) {
            int player = i;
            players.execute(() -> {
                for (int number; (number = next.getAndIncrement()) < count; ) {
                    try {
                        faults.addAll(play.faults(player, number));
                    } catch (Exception e) {
                        faults.add(e + " of " + number);
                    }
                }
            });
        }
        players.shutdown();
        assertThat(players.awaitTermination(500, TimeUnit.SECONDS)).isTrue();
        return List.copyOf(faults);
    }
}
