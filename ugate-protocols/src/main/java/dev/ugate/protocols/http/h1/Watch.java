package dev.ugate.protocols.http.h1;

import dev.ugate.net.Failures;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The one deadline that one side of an exchange waits for; moving it later costs no timer. */
final class Watch {
    /** What is waited for. */
    enum Wait {
        NOTHING,
        HEAD,
        NEXT_REQUEST,
        BODY,
        ANSWER,
        DRAIN
    }

    private final Channel channel;
    private final Consumer<Wait> missed;
    private Wait wait = Wait.NOTHING;
    private long due;
    private @Nullable Future<?> timer;
    private long timerDue;

    /** {@code missed} is told of a deadline of the channel that passed. */
    Watch(Channel channel, Consumer<Wait> missed) {
        this.channel = channel;
        this.missed = missed;
    }

    /** Begins to wait, or waits on for the same from now. */
    void await(Wait what, Duration limit) {
        wait = what;
        due = now() + limit.toNanos();
        if (timer != null && timerDue - due > 0) {
            timer.cancel(false);
            timer = null;
        }
        if (timer == null) {
            schedule();
        }
    }

    /** Begins to wait, unless it waits for this already: an absolute deadline. */
    void awaitOnce(Wait what, Duration limit) {
        if (wait != what) {
            await(what, limit);
        }
    }

    void rest() {
        wait = Wait.NOTHING;
    }

    /** Waits for nothing ever again. */
    void stop() {
        rest();
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    private void schedule() {
        timerDue = due;
        timer = channel.eventLoop().schedule(this::ring, due - now(), TimeUnit.NANOSECONDS);
    }

    private long now() {
        return channel.eventLoop().ticker().nanoTime();
    }

    private void ring() {
        timer = null;
        if (wait == Wait.NOTHING) {
            return;
        }
        if (due - now() > 0) {
            schedule();
            return;
        }
        Wait late = wait;
        wait = Wait.NOTHING;
        Failures.run(channel, () -> missed.accept(late));
    }
}
