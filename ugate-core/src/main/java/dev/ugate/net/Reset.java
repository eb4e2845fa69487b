package dev.ugate.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.SocketChannel;

/** Closes so that the far end sees a break instead of a clean end: RST on a socket, no close_notify in TLS. */
public final class Reset {
    private Reset() {}

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
