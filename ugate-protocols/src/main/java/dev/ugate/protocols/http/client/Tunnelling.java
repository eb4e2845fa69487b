package dev.ugate.protocols.http.client;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.http.Fields;
import dev.ugate.net.Failures;
import dev.ugate.protocols.http.semantics.Lease;
import dev.ugate.spi.Dial;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** One tunnel until it is open: a place, the question, and another place where the first one's connection was leaving. */
final class Tunnelling {
    private static final String NOUN = "hbone";

    /** More connections than that do not leave one after the other. */
    private static final int TRIES = 5;

    private final Supplier<Future<Channel>> places;
    private final Dial dial;
    private final Fields fields;
    private final EventLoop loop;
    private final Promise<Channel> promise;
    private Future<?> current;
    private int tries;

    Tunnelling(Supplier<Future<Channel>> places, Dial dial, Fields fields, EventLoop loop) {
        this.places = places;
        this.dial = dial;
        this.fields = fields;
        this.loop = loop;
        this.promise = loop.newPromise();
        this.current = promise;
    }

    Future<Channel> begin() {
        var timer = loop.schedule(
                () -> {
                    promise.tryFailure(Refused.because(Refusal.TIMED_OUT, NOUN + ": limit connect: no answer in time"));
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
        Future<Channel> place = places.get();
        if (place.isSuccess()) {
            ask(place.getNow());
            return;
        }
        current = place;
        place.addListener(done -> {
            if (!done.isSuccess()) {
                promise.tryFailure(Failures.refused(done.cause()));
            } else if (promise.isDone()) {
                place.getNow().close();
            } else {
                ask(place.getNow());
            }
        });
    }

    private void ask(Channel place) {
        tries++;
        Promise<Channel> opened = loop.newPromise();
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
        Lease.of(place).tunnel(dial.endpoint().host(), fields, opened);
    }

    private void failed(Refused why) {
        boolean again =
                why.isUntouched() && tries < TRIES && !promise.isDone() && dial.deadline() - System.nanoTime() > 0;
        if (again) {
            // Not now: the connection that leaves is just being told so.
            loop.execute(this::attempt);
        } else {
            promise.tryFailure(why.in(NOUN));
        }
    }
}
