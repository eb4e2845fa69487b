package dev.ugate.net.proxy;

import dev.ugate.model.Intent;
import dev.ugate.net.LayerDial;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Transport;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;

/**
 * The carriers {@code proxy-v1} and {@code proxy-v2}: before anything else tells the upstream, in one segment, whom the connection is for.
 * The source is the client's address, the destination the one it reached, or had before it was captured; with the option
 * {@code destination: asked} the address and port that it asked for, where it is no name.
 */
public final class ProxyHeaderTransport implements Transport {
    private static final String DESTINATION = "destination";
    private static final String ASKED = "asked";

    private final Transport lower;
    private final Header header;

    /** Writes the header of one version. */
    @FunctionalInterface
    private interface Header {
        ByteBuf write(ByteBufAllocator alloc, Intent intent, boolean asked);
    }

    private ProxyHeaderTransport(Transport lower, Header header) {
        this.lower = lower;
        this.header = header;
    }

    /** The text form; {@code lower} dials. */
    public static ProxyHeaderTransport v1(Transport lower) {
        return new ProxyHeaderTransport(lower, ProxyHeader::v1);
    }

    /** The binary form; {@code lower} dials. */
    public static ProxyHeaderTransport v2(Transport lower) {
        return new ProxyHeaderTransport(lower, ProxyHeader::v2);
    }

    @Override
    public Future<Channel> dial(Dial dial, EventLoop loop) {
        return LayerDial.through(lower, dial, loop, dial.carrier().name(), (channel, promise) -> {
            // Nobody waits for this write: whatever the stream writes comes behind it, and a failure closes the
            // channel.
            boolean asked = ASKED.equals(dial.carrier().options().get(DESTINATION));
            channel.writeAndFlush(header.write(channel.alloc(), dial.intent(), asked));
            promise.trySuccess(channel);
        });
    }
}
