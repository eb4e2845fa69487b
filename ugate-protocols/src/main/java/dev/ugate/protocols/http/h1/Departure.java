package dev.ugate.protocols.http.h1;

import dev.ugate.net.Farewell;
import dev.ugate.net.Reset;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;

/** How a server connection ends, once: with last words that the client can read, or as a break. */
final class Departure {
    private final Outgoing out;
    private final ChannelHandler server;
    private boolean taken;

    Departure(Outgoing out, ChannelHandler server) {
        this.out = out;
        this.server = server;
    }

    /** What goes out until then. */
    Outgoing out() {
        return out;
    }

    boolean taken() {
        return taken;
    }

    /** From now on the server says nothing more: the connection leaves, goes on as something else, or is closed already. */
    void take() {
        taken = true;
    }

    /** Takes last words; {@code heardAll} when the client has ended, so that closing cannot reset what it still sends. */
    void leave(ByteBuf words, boolean heardAll) {
        Channel channel = out.channel();
        out.handOver();
        if (heardAll) {
            Farewell.last(channel, words);
        } else {
            Farewell.say(channel, words);
        }
        if (channel.pipeline().context(server) != null) {
            channel.pipeline().remove(server);
        }
    }

    /** What went out is not whole, and the client must not take it for whole. */
    void abort() {
        Reset.close(out.channel());
    }
}
