package dev.ugate.spi;

import dev.ugate.model.Intent;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.Future;

/** The whole way out as one call: policy, route, discovery, transport. What the gate uses and what a library user embeds. */
@FunctionalInterface
public interface Dialer {
    /** Completes on {@code loop} with a channel as in {@link Transport#dial}, or fails with {@link dev.ugate.model.Refused}. */
    Future<Channel> dial(Intent intent, EventLoop loop);

    /** The same for one try of a request, on the loop of its body. */
    default Future<Channel> dial(Intent intent, Request request) {
        return dial(intent, request.body().eventLoop());
    }

    /** Hears what became of the one request that a dialled channel is for. */
    @FunctionalInterface
    interface Outcome {
        AttributeKey<Outcome> KEY = AttributeKey.valueOf("ugate.outcome");

        /** Told once: whether the endpoint did its part, 502, 503 and 504 being none. */
        void told(boolean served);

        /** Tells whoever listens on the channel. */
        static void tell(Channel channel, boolean served) {
            Outcome outcome = channel.attr(KEY).get();
            if (outcome != null) {
                outcome.told(served);
            }
        }
    }
}
