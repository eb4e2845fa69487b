package dev.ugate.protocols.http.client;

import dev.ugate.model.Endpoint;
import dev.ugate.model.Limits;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.net.Failures;
import dev.ugate.protocols.http.client.RequestCounts.Event;
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
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one loop that may serve the same requests. A dial belongs to nobody: whoever waits longest gets the first place,
 * be it new or given back.
 */
final class Connections implements Upstream.Keeper {
    private final Means means;

    /** Those with a place, the one most lately freed last: it is used first, so that the others may end. */
    private final Deque<Upstream> free = new ArrayDeque<>(4);

    private final Deque<Waiter> waiting = new ArrayDeque<>(4);
    private final List<Future<Channel>> dials = new ArrayList<>(4);
    private Sharing sharing;
    private int open;

    /** Whether one connection serves many requests at once, as far as it is known. */
    private enum Sharing {
        NONE,
        UNKNOWN,
        FULL
    }

    /** Who asked for a place and has none yet; it has a deadline of its own where no dial under way is for it. */
    private static final class Waiter {
        private final Dial dial;
        private final Promise<Channel> promise;
        private @Nullable Future<?> deadline;

        Waiter(Dial dial, Promise<Channel> promise) {
            this.dial = dial;
            this.promise = promise;
        }
    }

    /** What every connection of a loop is made with; {@code mesh} where they carry the tunnels of the mesh. */
    record Means(Transport below, Supplier<Settings> settings, RequestCounts counts, EventLoop loop, boolean mesh) {}

    Connections(Means means, Endpoint endpoint) {
        this.means = means;
        this.sharing = Versions.mayShare(endpoint) ? Sharing.UNKNOWN : Sharing.NONE;
    }

    boolean isEmpty() {
        return open == 0 && dials.isEmpty() && waiting.isEmpty();
    }

    /** A place, at once or when there is one; fails with OVERLOADED when too many wait already. */
    Future<Channel> lease(Dial dial) {
        Channel place = place();
        if (place != null) {
            means.counts().add(Event.REUSED);
            return means.loop().newSucceededFuture(place);
        }
        Limits.Upstream limits = means.settings().get().limits().upstream();
        if (waiting.size() >= limits.upstreamPending()) {
            means.counts().add(Event.CIRCUIT_OPEN);
            return means.loop()
                    .newFailedFuture(Refused.because(
                            Refusal.OVERLOADED,
                            "limit upstreamPending: " + limits.upstreamPending() + " requests wait already"));
        }
        Waiter waiter = new Waiter(dial, means.loop().newPromise());
        waiting.add(waiter);
        means.counts().add(Event.WAITED);
        waiter.promise.addListener(done -> {
            means.counts().add(Event.WAITED_OUT);
            if (waiter.deadline != null) {
                waiter.deadline.cancel(false);
            }
            if (done.isCancelled()) {
                cancelled(waiter);
            }
        });
        dialMissing();
        return waiter.promise;
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

    /** Dials for those who wait and whom no dial under way will serve, as far as the bound allows; the rest wait for places of others. */
    private void dialMissing() {
        int wanted = sharing == Sharing.NONE ? waiting.size() : Math.min(waiting.size(), 1);
        int most = means.settings().get().limits().upstream().upstreamConnections();
        while (dials.size() < wanted && open + dials.size() < most) {
            dial(waiting.element().dial);
            wanted = Math.min(wanted, waiting.size());
        }
        int uncovered = sharing == Sharing.NONE ? waiting.size() - dials.size() : dials.isEmpty() ? waiting.size() : 0;
        for (Iterator<Waiter> last = waiting.descendingIterator(); uncovered > 0 && last.hasNext(); uncovered--) {
            await(last.next());
        }
    }

    private void dial(Dial dial) {
        Future<Channel> way = means.below().dial(Versions.offered(dial), means.loop());
        dials.add(way);
        way.addListener(done -> {
            dials.remove(way);
            if (!way.isSuccess()) {
                failed(way.cause());
            } else if (way.getNow().isActive()) {
                opened(dial, way.getNow());
            } else {
                failed(Refused.because(Refusal.UNREACHABLE, "upstream: went away at once"));
            }
        });
    }

    private void opened(Dial dial, Channel channel) {
        Upstream connection;
        try {
            connection = Versions.connection(dial.endpoint(), channel, means, this);
        } catch (Refused refused) {
            channel.close();
            failed(refused);
            return;
        }
        open++;
        means.counts().add(Event.DIALLED);
        sharing = Versions.isShared(connection) ? Sharing.FULL : Sharing.NONE;
        connection.begin();
        freed(connection);
        dialMissing();
    }

    /** Fails those for whom no dial is under way. */
    private void failed(Throwable cause) {
        Refused why = Failures.refused(cause);
        if (sharing == Sharing.NONE && waiting.size() > dials.size()) {
            waiting.remove().promise.tryFailure(why);
        } else if (sharing != Sharing.NONE && dials.isEmpty()) {
            for (Waiter waiter : List.copyOf(waiting)) {
                waiting.remove(waiter);
                waiter.promise.tryFailure(why);
            }
        }
        dialMissing();
    }

    /** No dial is under way for this one: it waits for a place of another's. */
    private void await(Waiter waiter) {
        if (waiter.deadline == null) {
            long left = Math.max(0, waiter.dial.deadline() - System.nanoTime());
            waiter.deadline = means.loop().schedule(() -> late(waiter), left, TimeUnit.NANOSECONDS);
        }
    }

    private void late(Waiter waiter) {
        waiting.remove(waiter);
        waiter.promise.tryFailure(
                Refused.because(Refusal.OVERLOADED, "limit upstreamConnections: all are busy, none came free in time"));
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
            if (!first.promise.trySuccess(place)) {
                place.close();
                return;
            }
        }
    }

    @Override
    public void gone(Upstream upstream) {
        open--;
        means.counts().add(Event.CLOSED);
        free.remove(upstream);
        dialMissing();
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
