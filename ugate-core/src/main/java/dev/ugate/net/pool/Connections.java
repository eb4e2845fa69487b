package dev.ugate.net.pool;

import dev.ugate.model.Endpoint;
import dev.ugate.model.Limits;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.net.Failures;
import dev.ugate.net.pool.RequestCounts.Event;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Settings;
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
 * The connections of one loop that may serve the same. A dial belongs to nobody: whoever waits longest gets the first place, be it new or
 * given back.
 */
public final class Connections<C extends Shared<P>, P> implements Shared.Keeper<C> {
    /**
     * Dials begun in one turn of the loop. A turn that took long finds many who wait; to dial for all of them at once makes the next turn longer still,
     * until every stream of every client has a connection of its own. Whoever is left to the next turn mostly finds a place that came free meanwhile.
     */
    private static final int DIALS_A_TURN = 8;

    private final Means<C, P> means;

    /** Those with a place, the one most lately freed last: it is used first, so that the others may end. */
    private final Deque<C> free = new ArrayDeque<>(4);

    private final Deque<Waiter<P>> waiting = new ArrayDeque<>(4);
    private final List<Future<C>> dials = new ArrayList<>(4);
    private Sharing sharing;
    private int open;
    private int begun;
    private boolean closed;

    /** Whether one connection serves many at once, as far as it is known. */
    private enum Sharing {
        NONE,
        UNKNOWN,
        FULL
    }

    /** Who asked for a place and has none yet; it has a deadline of its own where no dial under way is for it. */
    private static final class Waiter<P> {
        private final Dial dial;
        private final Promise<P> promise;
        private @Nullable Future<?> deadline;

        Waiter(Dial dial, Promise<P> promise) {
            this.dial = dial;
            this.promise = promise;
        }
    }

    /** What every connection of a loop is made with. */
    public record Means<C, P>(Kind<C, P> kind, Supplier<Settings> settings, RequestCounts counts, EventLoop loop) {}

    /** What differs between protocols. */
    public interface Kind<C, P> {
        /** A connection that is not begun; {@code keeper} hears of it. */
        Future<C> dial(Dial dial, EventLoop loop, Shared.Keeper<C> keeper);

        /** Whether a connection to the endpoint may turn out to take many at once. */
        boolean mayShare(Endpoint endpoint);

        /** Whether this one does. */
        boolean isShared(C connection);

        /** Nobody wants the place any more. */
        void giveBack(P place);
    }

    public Connections(Means<C, P> means, Endpoint endpoint) {
        this.means = means;
        this.sharing = means.kind.mayShare(endpoint) ? Sharing.UNKNOWN : Sharing.NONE;
    }

    boolean isEmpty() {
        return open == 0 && dials.isEmpty() && waiting.isEmpty();
    }

    void close() {
        closed = true;
    }

    /** Whether the pool forgot them. */
    public boolean isClosed() {
        return closed;
    }

    /** A place, at once or when there is one; fails with OVERLOADED when too many wait already. */
    public Future<P> lease(Dial dial) {
        P place = place();
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
        Waiter<P> waiter = new Waiter<>(dial, means.loop().newPromise());
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

    private @Nullable P place() {
        for (C best = free.peekLast(); best != null; best = free.peekLast()) {
            P place = best.places() > 0 ? best.lease() : null;
            if (best.places() == 0) {
                free.pollLast();
            }
            if (place != null) {
                return place;
            }
        }
        return null;
    }

    /** Dials for those who wait and whom no dial under way will serve, as far as the bounds allow; the rest wait for places of others. */
    private void dialMissing() {
        int wanted = sharing == Sharing.NONE ? waiting.size() : Math.min(waiting.size(), 1);
        int most = means.settings().get().limits().upstream().upstreamConnections();
        while (dials.size() < wanted && open + dials.size() < most) {
            if (begun == DIALS_A_TURN) {
                return; // the next turn goes on
            }
            dial(waiting.element().dial);
            wanted = Math.min(wanted, waiting.size());
        }
        int uncovered = sharing == Sharing.NONE ? waiting.size() - dials.size() : dials.isEmpty() ? waiting.size() : 0;
        for (Iterator<Waiter<P>> last = waiting.descendingIterator(); uncovered > 0 && last.hasNext(); uncovered--) {
            await(last.next());
        }
    }

    private void dial(Dial dial) {
        if (begun++ == 0) {
            means.loop().schedule(this::nextTurn, 1, TimeUnit.NANOSECONDS);
        }
        Future<C> way = means.kind.dial(dial, means.loop(), this);
        dials.add(way);
        way.addListener(done -> {
            if (way.isSuccess()) {
                opened(way);
            } else {
                dials.remove(way);
                failed(way.cause());
            }
        });
    }

    private void nextTurn() {
        begun = 0;
        dialMissing();
    }

    private void opened(Future<C> way) {
        C connection = way.getNow();
        open++;
        means.counts().add(Event.DIALLED);
        sharing = means.kind.isShared(connection) ? Sharing.FULL : Sharing.NONE;
        int before = open;
        connection.begin();
        // Not sooner: one that is gone at once would be dialled again for the same, which it lacks too.
        dials.remove(way);
        if (open < before) {
            failed(Refused.untouched(Refusal.UNREACHABLE, "upstream: connection could not begin"));
            return;
        }
        freed(connection);
        dialMissing();
    }

    /** Fails those for whom no dial is under way. */
    private void failed(Throwable cause) {
        Refused why = Failures.refused(cause);
        if (sharing == Sharing.NONE && waiting.size() > dials.size()) {
            waiting.remove().promise.tryFailure(why);
        } else if (sharing != Sharing.NONE && dials.isEmpty()) {
            for (Waiter<P> waiter : List.copyOf(waiting)) {
                waiting.remove(waiter);
                waiter.promise.tryFailure(why);
            }
        }
        dialMissing();
    }

    /** No dial is under way for this one: it waits for a place of another's. */
    private void await(Waiter<P> waiter) {
        if (waiter.deadline == null) {
            long left = Math.max(0, waiter.dial.deadline() - System.nanoTime());
            waiter.deadline = means.loop().schedule(() -> late(waiter), left, TimeUnit.NANOSECONDS);
        }
    }

    private void late(Waiter<P> waiter) {
        waiting.remove(waiter);
        waiter.promise.tryFailure(
                Refused.because(Refusal.OVERLOADED, "limit upstreamConnections: all are busy, none came free in time"));
    }

    private void cancelled(Waiter<P> waiter) {
        if (waiting.remove(waiter) && dials.size() > waiting.size()) {
            dials.get(dials.size() - 1).cancel(false);
        }
    }

    @Override
    public void freed(C connection) {
        while (connection.places() > 0) {
            Waiter<P> first = waiting.poll();
            if (first == null) {
                free.addLast(connection);
                return;
            }
            P place = connection.lease();
            if (!first.promise.trySuccess(place)) {
                means.kind.giveBack(place);
                return;
            }
        }
    }

    @Override
    public void gone(C connection) {
        open--;
        means.counts().add(Event.CLOSED);
        free.remove(connection);
        dialMissing();
    }

    /** Ends the connections that nobody used since before that time. */
    void retireIdle(long before) {
        for (C connection : List.copyOf(free)) {
            long since = connection.idleSince();
            if (since != Long.MAX_VALUE && since - before <= 0) {
                connection.retire();
            }
        }
    }
}
