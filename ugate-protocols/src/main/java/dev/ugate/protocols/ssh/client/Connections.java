package dev.ugate.protocols.ssh.client;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.net.Failures;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Settings;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The connections of one loop that the same streams may go through. A dial belongs to nobody: who waits longest gets the first place. */
final class Connections implements ClientConnection.Keeper {
    private final Knock knock;
    private final Supplier<Settings> settings;
    private final EventLoop loop;
    private final List<ClientConnection> open = new ArrayList<>(2);
    private final Deque<Waiter> waiting = new ArrayDeque<>(4);
    private @Nullable Future<ClientConnection> dialling;

    /** Who asked for a place and has none yet. */
    private record Waiter(Dial dial, Promise<ClientConnection> promise) {}

    Connections(Knock knock, Supplier<Settings> settings, EventLoop loop) {
        this.knock = knock;
        this.settings = settings;
        this.loop = loop;
    }

    boolean isEmpty() {
        return open.isEmpty() && waiting.isEmpty() && dialling == null;
    }

    Future<ClientConnection> lease(Dial dial) {
        ClientConnection free = free();
        if (free != null && waiting.isEmpty()) {
            return loop.newSucceededFuture(free);
        }
        int most = settings.get().limits().upstream().upstreamPending();
        if (waiting.size() >= most) {
            return loop.newFailedFuture(
                    Refused.because(Refusal.OVERLOADED, "limit upstreamPending: " + most + " streams wait already"));
        }
        Waiter waiter = new Waiter(dial, loop.newPromise());
        waiting.add(waiter);
        waiter.promise.addListener(done -> {
            if (done.isCancelled()) {
                cancelled(waiter);
            }
        });
        dialMissing();
        return waiter.promise;
    }

    private @Nullable ClientConnection free() {
        for (int i = open.size() - 1; i >= 0; i--) {
            if (open.get(i).places() > 0) {
                return open.get(i);
            }
        }
        return null;
    }

    /** Gives places to those who wait, and dials for the rest. */
    private void dialMissing() {
        for (ClientConnection free = free(); free != null && !waiting.isEmpty(); free = free()) {
            waiting.remove().promise.trySuccess(free);
        }
        int most = settings.get().limits().upstream().upstreamConnections();
        if (!waiting.isEmpty() && dialling == null && open.size() < most) {
            dial(waiting.element().dial);
        }
    }

    private void dial(Dial dial) {
        Future<ClientConnection> way = knock.connect(dial, loop);
        dialling = way;
        way.addListener(done -> {
            dialling = null;
            if (way.isSuccess()) {
                open.add(way.getNow());
                way.getNow().kept(this);
                if (way.getNow().places() == 0) {
                    open.remove(way.getNow());
                }
                dialMissing();
            } else if (way.isCancelled()) {
                dialMissing();
            } else {
                failed(Failures.refused(way.cause()));
            }
        });
    }

    private void failed(Refused why) {
        for (Waiter waiter : List.copyOf(waiting)) {
            waiting.remove(waiter);
            waiter.promise.tryFailure(why);
        }
    }

    private void cancelled(Waiter waiter) {
        Future<ClientConnection> way = dialling;
        if (waiting.remove(waiter) && waiting.isEmpty() && way != null) {
            way.cancel(false);
        }
    }

    @Override
    public void freed(ClientConnection connection) {
        if (!waiting.isEmpty()) {
            dialMissing();
        }
    }

    @Override
    public void gone(ClientConnection connection) {
        open.remove(connection);
        dialMissing();
    }

    void retireIdle(long before) {
        for (ClientConnection one : List.copyOf(open)) {
            if (one.isIdleSince(before)) {
                one.retire();
            }
        }
    }
}
