package dev.ugate.gate;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.net.Relay;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What happens to live streams when memory runs short: the idle ones go sooner (L90), at last those that hold most (L93). Asked at
 * regular looks on any thread; streams are judged on their loops.
 */
public final class Shedding {
    /** Memory in use from which idle deadlines shrink, and at which they are shortest and the largest streams are cut. */
    private static final double BEGIN = 0.80;

    private static final double END = 0.95;
    private static final Duration SHORTEST = Duration.ofSeconds(2);

    /** Streams cut at one look for what they hold. */
    private static final int MOST = 50;

    private final LiveStreams live;

    public Shedding(LiveStreams live) {
        this.live = live;
    }

    /** {@code used} is memory in use, 0 to 1. */
    public void look(double used) {
        if (used < BEGIN) {
            return;
        }
        Map<EventLoop, List<Relay.Pair>> loops =
                live.carried().stream().collect(Collectors.groupingBy(Relay.Pair::loop));
        int most = used < END ? 0 : Math.max(1, MOST / Math.max(1, loops.size()));
        loops.forEach((loop, pairs) -> loop.execute(() -> shed(pairs, used, most)));
    }

    private static void shed(List<Relay.Pair> pairs, double used, int most) {
        List<Relay.Pair> holding = new ArrayList<>();
        for (Relay.Pair pair : pairs) {
            if (pair.waiting() > 0) {
                holding.add(pair);
            } else if (pair.quietNanos() > idle(pair.idleLimit(), used).toNanos()) {
                pair.cut(Refused.because(Refusal.OVERLOADED, "limit overload: memory is short: idle"));
            }
        }
        holding.sort(Comparator.comparingLong(Relay.Pair::waiting).reversed());
        holding.stream()
                .limit(most)
                .forEach(pair -> pair.cut(Refused.because(
                        Refusal.OVERLOADED,
                        "limit overload: memory is short: " + pair.waiting() + " bytes wait for a slow reader")));
    }

    /** Down from {@code configured} to 2 s, in a straight line between 80 % and 95 %. */
    static Duration idle(Duration configured, double used) {
        double shrunk = Math.min(1, Math.max(0, (used - BEGIN) / (END - BEGIN)));
        long longest = configured.toNanos();
        long shortest = Math.min(longest, SHORTEST.toNanos());
        return Duration.ofNanos(longest - Math.round((longest - shortest) * shrunk));
    }
}
