package dev.ugate.spi;

import dev.ugate.model.Intent;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;

/** The whole way out as one call: policy, route, discovery, transport. What the gate uses and what a library user embeds. */
@FunctionalInterface
public interface Dialer {
    /** Completes on {@code loop} with a channel as in {@link Transport#dial}, or fails with {@link dev.ugate.model.Refused}. */
    Future<Channel> dial(Intent intent, EventLoop loop);
}
