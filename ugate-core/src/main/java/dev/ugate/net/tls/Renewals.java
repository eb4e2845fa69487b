package dev.ugate.net.tls;

import dev.ugate.model.Carrier;
import dev.ugate.model.Refused;
import dev.ugate.net.Farewell;
import dev.ugate.net.Listener;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Transport;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import java.net.SocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Dialled connections and the credential that each showed. One that was renewed since begins nothing new; before the old one is over the
 * far end is shown the new one on a connection of its own, so that it does not end what still runs.
 */
public final class Renewals<C> {
    /** The far end's clock may be that much ahead, and ends nothing before (L43). */
    private static final Duration AHEAD = LiveProofs.SKEW;

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Logger LOG = LoggerFactory.getLogger(Renewals.class);

    private final Transport again;
    private final Function<C, Instant> notAfter;
    private final Set<Dialled<C>> live = ConcurrentHashMap.newKeySet();
    private final Map<Way, C> latest = new ConcurrentHashMap<>();

    /** What dials have in common that reach the same far end as the same party. */
    private record Way(
            List<SocketAddress> addresses, List<Carrier> via, Optional<String> identity, Optional<String> workload) {
        static Way of(Dial dial) {
            return new Way(
                    dial.endpoint().addresses(),
                    dial.endpoint().via(),
                    dial.endpoint().identity(),
                    dial.workload());
        }
    }

    /** A connection; what is not final belongs to the thread that sweeps. */
    private static final class Dialled<C> {
        private final Channel channel;
        private final Dial dial;
        private final Way way;
        private final C shown;
        private boolean draining;
        private Instant next = Instant.MIN;

        Dialled(Channel channel, Dial dial, C shown) {
            this.channel = channel;
            this.dial = dial;
            this.way = Way.of(dial);
            this.shown = shown;
        }
    }

    /** {@code again} makes the connections that only show a credential, {@code notAfter} says when one is over. */
    public Renewals(Transport again, Function<C, Instant> notAfter) {
        this.again = again;
        this.notAfter = notAfter;
    }

    /** A handshake was complete; on any thread. */
    public void add(Channel channel, Dial dial, C shown) {
        Dialled<C> one = new Dialled<>(channel, dial, shown);
        live.add(one);
        latest.put(one.way, shown);
        channel.closeFuture().addListener(closed -> live.remove(one));
    }

    /**
     * Looks after connections whose credential is not the one that {@code now} has for their workload, which throws {@link Refused} where
     * there is none; one thread asks, about once a second.
     */
    public void sweep(Function<Optional<String>, C> now, Instant at) {
        Set<Way> ways = new HashSet<>();
        for (Dialled<C> one : live) {
            ways.add(one.way);
            Optional<C> current = current(now, one.dial);
            if (!current.equals(Optional.of(one.shown))) {
                drain(one);
                current.filter(shown -> !shown.equals(latest.get(one.way))
                                && at.isAfter(notAfter.apply(one.shown).minus(AHEAD)))
                        .ifPresent(shown -> show(one, at));
            }
        }
        latest.keySet().retainAll(ways);
    }

    private Optional<C> current(Function<Optional<String>, C> now, Dial dial) {
        try {
            return Optional.of(now.apply(dial.workload()));
        } catch (Refused gone) {
            return Optional.empty();
        }
    }

    private void drain(Dialled<C> one) {
        if (!one.draining) {
            one.draining = true;
            one.channel.eventLoop().execute(() -> one.channel.pipeline().fireUserEventTriggered(Listener.DRAINING));
        }
    }

    private void show(Dialled<C> one, Instant at) {
        if (at.isBefore(one.next)) {
            return;
        }
        one.next = at.plus(PATIENCE);
        var loop = one.channel.eventLoop();
        loop.execute(() -> {
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            Dial dial = new Dial(one.dial.intent(), one.dial.endpoint(), deadline, one.dial.workload());
            Future<Channel> way = again.dial(dial, loop);
            way.addListener(done -> {
                if (way.isSuccess()) {
                    Farewell.say(way.getNow(), Unpooled.EMPTY_BUFFER);
                } else {
                    LOG.atWarn()
                            .addKeyValue("to", one.dial.endpoint())
                            .addKeyValue("reason", way.cause().getMessage())
                            .log("renewed credential not shown");
                }
            });
        });
    }
}
