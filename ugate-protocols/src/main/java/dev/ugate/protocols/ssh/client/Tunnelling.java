package dev.ugate.protocols.ssh.client;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.net.Failures;
import dev.ugate.spi.Dial;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** One stream until it is open: a connection, a channel, and another connection where the first one was leaving. */
final class Tunnelling {
    private static final String NOUN = Knock.NOUN;

    /** More connections than that do not leave one after the other. */
    private static final int TRIES = 5;

    private final Supplier<Future<ClientConnection>> places;
    private final Dial dial;
    private final EventLoop loop;
    private final Promise<Channel> promise;
    private Future<?> current;
    private int tries;

    Tunnelling(Supplier<Future<ClientConnection>> places, Dial dial, EventLoop loop) {
        this.places = places;
        this.dial = dial;
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
        Future<ClientConnection> place = places.get();
        if (place.isSuccess()) {
            ask(place.getNow());
            return;
        }
        current = place;
        place.addListener(done -> {
            if (!done.isSuccess()) {
                promise.tryFailure(Failures.refused(done.cause()));
            } else if (!promise.isDone()) {
                ask(place.getNow());
            }
        });
    }

    private void ask(ClientConnection connection) {
        tries++;
        Future<Channel> opened = connection.tunnel(dial);
        current = opened;
        opened.addListener(done -> {
            if (!opened.isSuccess()) {
                failed(connection, opened.cause());
            } else if (!promise.trySuccess(opened.getNow())) {
                opened.getNow().close();
            }
        });
    }

    private void failed(ClientConnection connection, Throwable cause) {
        Refused why = Failures.refused(cause);
        boolean again =
                why.isUntouched() && tries < TRIES && !promise.isDone() && dial.deadline() - System.nanoTime() > 0;
        if (why.reason() == Refusal.DRAINING && why.isUntouched()) {
            connection.retire();
        }
        if (again) {
            // Not now: the connection that leaves is just being told so.
            loop.execute(this::attempt);
        } else {
            promise.tryFailure(why.in(NOUN));
        }
    }
}
