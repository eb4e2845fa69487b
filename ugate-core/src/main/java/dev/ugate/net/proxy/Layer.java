package dev.ugate.net.proxy;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Shape;
import dev.ugate.net.Failures;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Transport;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.function.BiConsumer;

/** What every transport that wraps another does: dial below, hand the channel on, pass failure and cancellation both ways. */
final class Layer {
    private Layer() {}

    /** {@code next} is given the channel that {@code lower} dialled, and completes the promise. */
    static Future<Channel> over(
            Transport lower, Dial dial, EventLoop loop, BiConsumer<Channel, Promise<Channel>> next) {
        String word = dial.carrier().name();
        Promise<Channel> promise = loop.newPromise();
        if (dial.intent().shape() == Shape.DATAGRAMS) {
            return promise.setFailure(Refused.because(Refusal.NO_ROUTE, word + ": datagrams: expected a stream"));
        }
        Future<Channel> dialling = lower.dial(dial.below(), loop);
        promise.addListener(done -> {
            if (done.isCancelled()) {
                dialling.cancel(false);
            }
        });
        dialling.addListener(done -> {
            if (!done.isSuccess()) {
                promise.tryFailure(Failures.refused(done.cause()).in(word));
            } else if (promise.isDone()) {
                dialling.getNow().close();
            } else {
                next.accept(dialling.getNow(), promise);
            }
        });
        return promise;
    }
}
