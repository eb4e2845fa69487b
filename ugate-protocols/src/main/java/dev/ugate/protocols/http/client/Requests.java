package dev.ugate.protocols.http.client;

import dev.ugate.spi.Dial;
import dev.ugate.spi.Transport;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;

/** Connections that take requests: what {@code Carrier.REQUESTS} stands for. */
public final class Requests implements Transport {
    private final Transport below;

    public Requests(Transport below) {
        this.below = below;
    }

    @Override
    public Future<Channel> dial(Dial dial, EventLoop loop) {
        return below.dial(dial.below(), loop);
    }
}
