package dev.ugate.net.proxy;

import dev.ugate.model.Peer;
import dev.ugate.net.LayerDial;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Transport;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.function.BiFunction;

/**
 * The carriers {@code proxy-v1} and {@code proxy-v2}: before anything else tells the upstream, in one segment, whom the connection is for.
 * The source is the client's address, the destination the one it reached, or had before it was captured.
 */
public final class ProxyHeaderTransport implements Transport {
    private final Transport lower;
    private final BiFunction<ByteBufAllocator, Peer, ByteBuf> header;

    private ProxyHeaderTransport(Transport lower, BiFunction<ByteBufAllocator, Peer, ByteBuf> header) {
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
            channel.writeAndFlush(header.apply(channel.alloc(), dial.intent().peer()));
            promise.trySuccess(channel);
        });
    }
}
