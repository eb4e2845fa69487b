package dev.ugate.net.reverse;

import dev.ugate.model.HostPort;
import dev.ugate.model.Refused;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.PromiseNotifier;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The connections that keep a node reachable at one gateway, one after the other, whatever they speak: another is made whenever one is lost,
 * and before it is lost where the gateway says that it leaves. Lives on one loop.
 */
public final class Lines {
    private static final long SETTLED_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final HostPort gateway;
    private final Watch watch;
    private final EventLoop loop;
    private final Runnable dial;
    private final Backoff backoff = new Backoff();
    private int serving;
    private @Nullable Line current;
    /** Where it is not null, no connection is wanted any more. */
    private @Nullable Promise<Void> closing;

    /** {@code dial} makes the next connection, or says that it {@link #failed}; {@code watch} is told what becomes of all of them. */
    public Lines(HostPort gateway, Watch watch, EventLoop loop, Runnable dial) {
        this.gateway = gateway;
        this.watch = watch;
        this.loop = loop;
        this.dial = dial;
    }

    /** Makes the first one, and keeps one from then on; on any thread. */
    public void begin() {
        loop.execute(this::dial);
    }

    /** Lets what runs finish and takes nothing new; on any thread. It is done when no connection is left on which anything can run. */
    public Future<?> close() {
        Promise<Void> over = loop.newPromise();
        loop.execute(() -> {
            if (closing == null) {
                closing = over;
            } else {
                PromiseNotifier.cascade(closing, over);
            }
            if (current != null) {
                current.drain.run();
            }
            endIfOver();
        });
        return over;
    }

    private void endIfOver() {
        if (closing != null && serving == 0) {
            closing.trySuccess(null);
        }
    }

    /** Whether no connection is wanted any more. */
    public boolean isClosing() {
        return closing != null;
    }

    private void dial() {
        if (closing == null) {
            dial.run();
        }
    }

    /** No connection was made. */
    public void failed(Refused why) {
        if (current == null) {
            watch.down(gateway, why);
        }
        if (closing == null) {
            dialIn(backoff.next());
        }
    }

    private void dialIn(long millis) {
        loop.schedule(this::dial, millis, TimeUnit.MILLISECONDS);
    }

    /** A connection that was made; {@code drain} has it begin nothing more, and end with what runs on it. */
    public Line line(Runnable drain) {
        return new Line(drain);
    }

    /** One connection to the gateway. */
    public final class Line {
        private final Runnable drain;
        private long since;
        private boolean serves;
        private boolean over;

        private Line(Runnable drain) {
            this.drain = drain;
        }

        /** The gateway reaches the node here from now on; so the one before is needed no more. */
        public void up() {
            backoff.reset();
            if (!serves) {
                serves = true;
                serving++;
            }
            Line before = current;
            current = this;
            since = loop.ticker().nanoTime();
            if (before != null) {
                before.over = true;
                before.drain.run();
            }
            watch.up(gateway);
            if (closing != null) {
                drain.run();
            }
        }

        /** The gateway leaves, and streams still come here meanwhile. */
        public void leaves() {
            if (over || closing != null) {
                return;
            }
            over = true;
            // One that leaves as soon as we come is not asked again at once.
            dialIn(current == this && loop.ticker().nanoTime() - since >= SETTLED_NANOS ? 0 : backoff.next());
        }

        /** It is over, or is of no use; what is said more than once counts once. */
        public void lost(Refused why) {
            if (serves) {
                serves = false;
                serving--;
            }
            boolean known = over;
            boolean served = current == this;
            over = true;
            if (served) {
                current = null;
            }
            if (!known) {
                failed(why);
            } else if (served) {
                watch.down(gateway, why);
            }
            endIfOver();
        }
    }
}
