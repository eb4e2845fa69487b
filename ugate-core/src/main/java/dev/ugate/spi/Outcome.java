package dev.ugate.spi;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;

/** Hears what became of the one request that a dialled channel is for. */
@FunctionalInterface
public interface Outcome {
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
