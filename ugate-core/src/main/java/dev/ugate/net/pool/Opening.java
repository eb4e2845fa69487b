package dev.ugate.net.pool;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.net.Failures;
import dev.ugate.spi.Dial;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.concurrent.TimeUnit;

/**
 * One stream until it is open: a place, the question, and another place where the first one's connection was leaving.
 *
 * @param <P> a place
 */
public final class Opening<P> {
    /** More connections than that do not leave one after the other. */
    private static final int TRIES = 5;

    private final Way<P> way;
    private final Dial dial;
    private final EventLoop loop;
    private final Promise<Channel> promise;
    private Future<?> current;
    private int tries;

    /** How a protocol opens streams. */
    public interface Way<P> {
        /** How it is called where it fails. */
        String noun();

        Future<P> place();

        /** Takes the place. */
        Future<Channel> open(P place);

        /** Nobody wants the place any more. */
        void giveBack(P place);
    }

    private Opening(Way<P> way, Dial dial, EventLoop loop) {
        this.way = way;
        this.dial = dial;
        this.loop = loop;
        this.promise = loop.newPromise();
        this.current = promise;
    }

    /** The stream; cancelling it gives up. On {@code loop}. */
    public static <P> Future<Channel> begin(Way<P> way, Dial dial, EventLoop loop) {
        return new Opening<>(way, dial, loop).begin();
    }

    private Future<Channel> begin() {
        var timer = loop.schedule(
                () -> {
                    promise.tryFailure(
                            Refused.because(Refusal.TIMED_OUT, way.noun() + ": limit connect: no answer in time"));
                    current.cancel(false);
                },
                Math.max(0, dial.deadline() - System.nanoTime()),
                TimeUnit.NANOSECONDS);
        promise.addListener(done -> {
            timer.cancel(false);
            if (done.isCancelled()) {
                current.cancel(false);
            }
        });
        attempt();
        return promise;
    }

    private void attempt() {
        Future<P> place = way.place();
        if (place.isSuccess()) {
            ask(place.getNow());
            return;
        }
        current = place;
        place.addListener(done -> {
            if (!done.isSuccess()) {
                promise.tryFailure(Failures.refused(done.cause()));
            } else if (promise.isDone()) {
                way.giveBack(place.getNow());
            } else {
                ask(place.getNow());
            }
        });
    }

    private void ask(P place) {
        tries++;
        Future<Channel> opened = way.open(place);
        current = opened;
        opened.addListener(done -> {
            if (done.isSuccess()) {
                if (!promise.trySuccess(opened.getNow())) {
                    opened.getNow().close();
                }
            } else if (!done.isCancelled()) {
                failed(Failures.refused(done.cause()));
            }
        });
    }

    private void failed(Refused why) {
        boolean again =
                why.isUntouched() && tries < TRIES && !promise.isDone() && dial.deadline() - System.nanoTime() > 0;
        if (again) {
            // Not now: the connection that leaves is just being told so.
            loop.execute(this::attempt);
        } else {
            promise.tryFailure(why.in(way.noun()));
        }
    }
}
