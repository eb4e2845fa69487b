package dev.ugate.net.reverse;

import dev.ugate.model.Refused;
import dev.ugate.net.Failures;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Transport;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One stream to a name, until it is open: asked for at the connection that has the name, and where that was leaving, so that certainly
 * nobody acted on it, at the one that has it since. Lives on one loop.
 */
final class Handover {
    /** More connections than that do not take over from each other while one stream begins. */
    private static final int TRIES = 5;

    private final Supplier<Transport> now;
    private final Dial dial;
    private final EventLoop loop;
    private final Promise<Channel> promise;
    private @Nullable Transport tried;
    private @Nullable Future<Channel> current;
    private int tries;

    private Handover(Supplier<Transport> now, Dial dial, EventLoop loop) {
        this.now = now;
        this.dial = dial;
        this.loop = loop;
        this.promise = loop.newPromise();
    }

    /** As {@link Transport#dial}; {@code now} says what has the name, or throws {@link Refused} where nothing has. */
    static Future<Channel> dial(Supplier<Transport> now, Dial dial, EventLoop loop) {
        Handover handover = new Handover(now, dial, loop);
        handover.promise.addListener(done -> {
            if (done.isCancelled() && handover.current != null) {
                handover.current.cancel(false);
            }
        });
        try {
            handover.ask(now.get());
        } catch (Refused refused) {
            handover.promise.tryFailure(refused);
        }
        return handover.promise;
    }

    private void ask(Transport transport) {
        tried = transport;
        tries++;
        Future<Channel> way = transport.dial(dial, loop);
        current = way;
        way.addListener(done -> {
            if (way.isSuccess()) {
                if (!promise.trySuccess(way.getNow())) {
                    way.getNow().close();
                }
            } else if (!promise.isDone()) {
                failed(Failures.refused(way.cause()));
            }
        });
    }

    private void failed(Refused why) {
        Transport next = why.isUntouched() && tries < TRIES ? next() : null;
        if (next == null) {
            promise.tryFailure(why);
        } else {
            ask(next);
        }
    }

    /** What took over; null where nothing did. */
    private @Nullable Transport next() {
        try {
            Transport next = now.get();
            return next.equals(tried) ? null : next;
        } catch (Refused gone) {
            return null;
        }
    }
}
