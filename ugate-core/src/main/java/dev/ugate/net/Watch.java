package dev.ugate.net;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Timeouts;
import dev.ugate.net.io.Sockets;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What the two directions of a joined pair share: the clock, the end, and the books. */
final class Watch implements Runnable {
    private static final String CLIENT = "relay: client";
    private static final String UPSTREAM = "relay: upstream";

    // Spelled out: each request without a body ends so, and nobody hears why.
    private static final String CLIENT_LEFT = CLIENT + " went away";
    private static final String UPSTREAM_LEFT = UPSTREAM + " went away";

    final Relay client;
    final Relay upstream;
    private final Timeouts timeouts;
    private final boolean joined;
    private Relay.@Nullable Ending ending;
    private @Nullable Future<?> timer;
    private @Nullable Refused broken;
    private long touched = System.nanoTime();
    private long pending;
    private boolean kept;

    /** {@code joined}: what one side says is worth little once the other has said all; of a request and its reply it is not so. */
    Watch(Channel client, Channel upstream, Timeouts timeouts, boolean joined, Relay.Ending ending) {
        this.timeouts = timeouts;
        this.joined = joined;
        this.ending = ending;
        this.client = new Relay(client, upstream, this);
        this.upstream = new Relay(upstream, client, this);
    }

    /** Which of the two it is, as errors begin. */
    String name(Relay side) {
        return side == client ? CLIENT : UPSTREAM;
    }

    Relay opposite(Relay side) {
        return side == client ? upstream : client;
    }

    void begin() {
        pending = pending();
        schedule(timeouts.idle());
        // A channel that closed before its relay came has told nobody.
        if (!client.own.isOpen()) {
            client.own.eventLoop().execute(() -> gone(client, null));
        } else if (!upstream.own.isOpen()) {
            client.own.eventLoop().execute(() -> gone(upstream, null));
        }
    }

    void touch() {
        touched = System.nanoTime();
    }

    /** Nanoseconds since a byte was read. */
    long quietNanos() {
        return System.nanoTime() - touched;
    }

    Duration idleLimit() {
        return timeouts.idle();
    }

    /** Why the pair did not end cleanly, where it did not. */
    Optional<Refused> broken() {
        return Optional.ofNullable(broken);
    }

    boolean over() {
        return ending == null;
    }

    /** No later than the shorter limits could pass, so that no timer has to be moved when one of them begins to count. */
    private void schedule(Duration limit) {
        long wait = limit.toNanos() - quietNanos();
        long soonest =
                Math.min(timeouts.writeStall().toNanos(), timeouts.halfClosed().toNanos());
        timer = client.own.eventLoop().schedule(this, Math.min(Math.max(wait, 0), soonest), TimeUnit.NANOSECONDS);
    }

    @Override
    public void run() {
        if (!kept) {
            kept = true;
            Sockets.keepAlive(client.own);
            Sockets.keepAlive(upstream.own);
        }
        // A slow reader that still takes bytes makes progress, though nothing new was read for it.
        long now = pending();
        if (now != pending) {
            pending = now;
            touch();
        }
        Duration limit = limit();
        if (quietNanos() >= limit.toNanos()) {
            cut(Refused.because(
                    Refusal.TIMED_OUT, "relay: limit " + bound() + ": no byte for " + limit.toMillis() + "ms"));
        } else {
            schedule(limit);
        }
    }

    /** Changes whenever the bytes that wait for a reader do. */
    private long pending() {
        return pending(client.own) + pending(upstream.own);
    }

    private static long pending(Channel channel) {
        return channel.bytesBeforeWritable() - channel.bytesBeforeUnwritable();
    }

    private Duration limit() {
        return switch (bound()) {
            case "halfClosed" -> timeouts.halfClosed();
            case "writeStall" -> timeouts.writeStall();
            default -> timeouts.idle();
        };
    }

    /** The key of the deadline that holds now. */
    private String bound() {
        if (joined && (client.ends() || upstream.ends())) {
            return "halfClosed";
        }
        return client.waits() || upstream.waits() ? "writeStall" : "idle";
    }

    void closeIfOver() {
        if (client.ended() && upstream.ended()) {
            client.own.close();
            upstream.own.close();
        }
    }

    /** One channel is closed: fine when it had said everything and was told everything, a break otherwise. */
    void gone(Relay side, @Nullable Refused why) {
        if (over() || broken != null) {
            return;
        }
        if (!side.ends() || !opposite(side).ended()) {
            broke(side, why == null ? left(side) : why);
        } else if (side.ended()) {
            finishBooks();
        }
    }

    private Refused left(Relay side) {
        return Refused.because(Refusal.UNREACHABLE, side == client ? CLIENT_LEFT : UPSTREAM_LEFT);
    }

    /** One channel is broken: the other is reset, but hears first what this one had said to its end. Whoever broke it may know better. */
    void broke(Relay side, Refused seen) {
        Refused why = Reset.why(side.own).orElse(seen);
        Relay reader = opposite(side);
        ChannelFuture end = side.end;
        if (over() || broken != null || end == null || !hearsMore(reader.own, end)) {
            cut(why);
            return;
        }
        broken = why;
        stop();
        Reset.close(side.own);
        leave(reader);
        reader.own.closeFuture().addListener(closed -> finishBooks());
        Farewell.said(reader.own, end, timeouts.writeStall());
    }

    private static boolean hearsMore(Channel reader, ChannelFuture end) {
        return reader.isActive() && (!end.isDone() || Sockets.undelivered(reader) > 0);
    }

    /** Neither side hears more of the other. */
    void cut(Refused why) {
        if (broken == null && !over()) {
            broken = why;
        }
        Reset.close(client.own);
        Reset.close(upstream.own);
        finishBooks();
    }

    /** The two sides have nothing to do with each other any more. */
    void part() {
        ending = null;
        stop();
        client.own.config().setAutoRead(false);
        leave(client);
        leave(upstream);
    }

    private static void leave(Relay side) {
        if (side.own.pipeline().context(side) != null) {
            side.own.pipeline().remove(side);
        }
    }

    private void stop() {
        if (timer != null) {
            timer.cancel(false);
        }
    }

    private void finishBooks() {
        Relay.Ending last = ending;
        if (last == null) {
            return;
        }
        ending = null;
        stop();
        client.over(broken());
        upstream.over(broken());
        last.ended(client.bytes, upstream.bytes, broken());
    }
}
