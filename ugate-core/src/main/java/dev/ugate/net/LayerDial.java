package dev.ugate.net;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Shape;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Transport;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.concurrent.TimeUnit;

/** One dial of a transport that wraps another: dials below, then talks on that channel within the dial's deadline. */
public final class LayerDial {
    /** What a layer says before its channel is anybody's. */
    @FunctionalInterface
    public interface Talk {
        /** Completes {@code promise} with the channel, on its loop. */
        void begin(Channel channel, Promise<Channel> promise) throws Exception;
    }

    private LayerDial() {}

    /** Fails with the lower layer's refusal as it is, with this layer's own under {@code noun}. */
    public static Future<Channel> through(Transport below, Dial dial, EventLoop loop, String noun, Talk talk) {
        Promise<Channel> promise = loop.newPromise();
        if (dial.intent().shape() == Shape.DATAGRAMS) {
            return promise.setFailure(Refused.because(Refusal.NO_ROUTE, noun + ": datagrams: expected a stream"));
        }
        Future<Channel> lower = below.dial(dial.below(), loop);
        promise.addListener(done -> {
            if (done.isCancelled()) {
                lower.cancel(false);
            }
        });
        lower.addListener(done -> {
            if (lower.isSuccess()) {
                talk(lower.getNow(), dial, loop, noun, talk, promise);
            } else if (!lower.isCancelled()) {
                promise.tryFailure(Failures.refused(lower.cause()));
            }
        });
        return promise;
    }

    private static void talk(
            Channel channel, Dial dial, EventLoop loop, String noun, Talk talk, Promise<Channel> promise) {
        var timer = loop.schedule(
                () -> promise.tryFailure(
                        Refused.because(Refusal.TIMED_OUT, noun + ": limit connect: no answer in time")),
                Math.max(0, dial.deadline() - System.nanoTime()),
                TimeUnit.NANOSECONDS);
        promise.addListener(done -> {
            timer.cancel(false);
            if (!done.isSuccess()) {
                channel.close();
            }
        });
        if (promise.isDone()) {
            return;
        }
        try {
            talk.begin(channel, promise);
        } catch (Exception | OutOfMemoryError e) {
            promise.tryFailure(Failures.refused(e).in(noun));
        }
    }
}
