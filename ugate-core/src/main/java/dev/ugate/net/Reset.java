package dev.ugate.net;

import dev.ugate.model.Refused;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.AttributeKey;
import java.util.Optional;

/** Closes so that the far end sees a break instead of a clean end: RST on a socket, no close_notify in TLS. */
public final class Reset {
    private static final AttributeKey<Refused> WHY = AttributeKey.valueOf("ugate.reset.why");

    private Reset() {}

    /** The same for a reason that whatever the channel carries ends for, too. */
    public static void close(Channel channel, Refused why) {
        because(channel, why);
        close(channel);
    }

    /** Says why this end is about to break the channel, with a word or without; the first reason stays. */
    public static void because(Channel channel, Refused why) {
        channel.attr(WHY).setIfAbsent(why);
    }

    /** Why this end broke the channel, or one that carries it; nothing where the far end left. */
    public static Optional<Refused> why(Channel channel) {
        for (Channel at = channel; at != null; at = at.parent()) {
            if (at.hasAttr(WHY)) {
                return Optional.ofNullable(at.attr(WHY).get());
            }
        }
        return Optional.empty();
    }

    public static void close(Channel channel) {
        if (!channel.isOpen()) {
            return;
        }
        if (channel instanceof SocketChannel) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        }
        ChannelHandlerContext first = channel.pipeline().firstContext();
        if (first == null) {
            channel.close();
        } else {
            first.close();
        }
    }
}
