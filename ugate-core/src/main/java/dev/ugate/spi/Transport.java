package dev.ugate.spi;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;

/** One way out. A transport that wraps another is given it and dials {@link Dial#below()} through it. */
@FunctionalInterface
public interface Transport {
    /**
     * Completes on {@code loop} before the dial's deadline, with a channel of that loop whose autoRead is off and which speaks
     * {@code ByteBuf} and {@link Fin}, or fails with {@link dev.ugate.model.Refused}. Cancelling the future aborts the dial and
     * closes what it opened.
     */
    Future<Channel> dial(Dial dial, EventLoop loop);
}
