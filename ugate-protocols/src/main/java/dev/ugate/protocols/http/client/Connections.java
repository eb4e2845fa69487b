package dev.ugate.protocols.http.client;

import dev.ugate.model.Limits;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.net.Failures;
import dev.ugate.protocols.http.client.RequestCounts.Event;
import dev.ugate.protocols.http.h1.ClientConnection;
import dev.ugate.protocols.http.semantics.Upstream;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Settings;
import dev.ugate.spi.Transport;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one loop that may serve the same requests. A dial belongs to nobody: whoever waits longest gets the first place,
 * be it new or given back.
 */
final class Connections implements Upstream.Keeper {
    private final Transport below;
    private final Supplier<Settings> settings;
    private final RequestCounts counts;
    private final EventLoop loop;

    /** Those with a place, the one most lately freed last: it is used first, so that the others may end. */
    private final Deque<Upstream> free = new ArrayDeque<>(4);

    private final Deque<Waiter> waiting = new ArrayDeque<>(4);
    private final List<Future<Channel>> dials = new ArrayList<>(4);
    private int open;

    /** Who asked for a place and has none yet. */
    private record Waiter(Dial dial, Promise<Channel> promise) {}

    Connections(Transport below, Supplier<Settings> settings, RequestCounts counts, EventLoop loop) {
        this.below = below;
        this.settings = settings;
        this.counts = counts;
        this.loop = loop;
    }

    boolean isEmpty() {
        return open == 0 && dials.isEmpty() && waiting.isEmpty();
    }

    /** A place, at once or when there is one; fails with OVERLOADED when too many wait already. */
    Future<Channel> lease(Dial dial) {
        Channel place = place();
        if (place != null) {
            counts.add(Event.REUSED);
            return loop.newSucceededFuture(place);
        }
        Limits.Upstream limits = settings.get().limits().upstream();
        if (waiting.size() >= limits.upstreamPending()) {
            counts.add(Event.CIRCUIT_OPEN);
            return loop.newFailedFuture(Refused.because(
                    Refusal.OVERLOADED,
                    "limit upstreamPending: " + limits.upstreamPending() + " requests wait already"));
        }
        Waiter waiter = new Waiter(dial, loop.newPromise());
        waiting.add(waiter);
        counts.add(Event.WAITED);
        waiter.promise().addListener(done -> {
            counts.add(Event.WAITED_OUT);
            if (done.isCancelled()) {
                cancelled(waiter);
            }
        });
        if (open + dials.size() < limits.upstreamConnections()) {
            dial(dial);
        } else {
            await(waiter);
        }
        return waiter.promise();
    }

    private @Nullable Channel place() {
        for (Upstream best = free.peekLast(); best != null; best = free.peekLast()) {
            Channel place = best.places() > 0 ? best.lease() : null;
            if (best.places() == 0) {
                free.pollLast();
            }
            if (place != null) {
                return place;
            }
        }
        return null;
    }

    private void dial(Dial dial) {
        Future<Channel> way = below.dial(dial, loop);
        dials.add(way);
        way.addListener(done -> {
            dials.remove(way);
            if (!way.isSuccess()) {
                failed(way.cause());
            } else if (way.getNow().isActive()) {
                opened(way.getNow());
            } else {
                failed(Refused.because(Refusal.UNREACHABLE, "upstream: went away at once"));
            }
        });
    }

    private void opened(Channel channel) {
        open++;
        counts.add(Event.DIALLED);
        ClientConnection connection = new ClientConnection(channel, settings, this);
        connection.begin();
        freed(connection);
    }

    /** Fails the one that waits longest, unless another dial is under way for it. */
    private void failed(Throwable cause) {
        if (waiting.size() > dials.size()) {
            waiting.remove().promise().tryFailure(Failures.refused(cause));
        }
    }

    /** No dial is under way for this one: it waits for a place of another's. */
    private void await(Waiter waiter) {
        var timer = loop.schedule(
                () -> {
                    waiting.remove(waiter);
                    waiter.promise()
                            .tryFailure(Refused.because(
                                    Refusal.OVERLOADED,
                                    "limit upstreamConnections: all are busy, none came free in time"));
                },
                Math.max(0, waiter.dial().deadline() - System.nanoTime()),
                TimeUnit.NANOSECONDS);
        waiter.promise().addListener(done -> timer.cancel(false));
    }

    private void cancelled(Waiter waiter) {
        if (waiting.remove(waiter) && dials.size() > waiting.size()) {
            dials.get(dials.size() - 1).cancel(false);
        }
    }

    @Override
    public void freed(Upstream upstream) {
        while (upstream.places() > 0) {
            Waiter first = waiting.poll();
            if (first == null) {
                free.addLast(upstream);
                return;
            }
            Channel place = upstream.lease();
            if (!first.promise().trySuccess(place)) {
                place.close();
                return;
            }
        }
    }

    @Override
    public void gone(Upstream upstream) {
        open--;
        counts.add(Event.CLOSED);
        free.remove(upstream);
        if (waiting.size() > dials.size()) {
            dial(waiting.element().dial());
        }
    }

    /** Ends the connections without a request since before that time. */
    void retireIdle(long before) {
        for (Upstream upstream : List.copyOf(free)) {
            long since = upstream.idleSince();
            if (since != Long.MAX_VALUE && since - before <= 0) {
                upstream.retire();
            }
        }
    }
}
