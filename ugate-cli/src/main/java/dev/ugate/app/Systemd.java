package dev.ugate.app;

import dev.ugate.net.Loops;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.unix.DomainDatagramPacket;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.charset.StandardCharsets;

/** Tells the service manager where we are (sd_notify(3)); says nothing where there is none. */
final class Systemd {
    private Systemd() {}

    static void tell(Loops loops, String state) {
        String path = System.getenv("NOTIFY_SOCKET");
        if (path == null || path.isEmpty() || loops.backend() != Loops.Backend.EPOLL) {
            return;
        }
        // A leading @ names the abstract namespace, which the kernel knows by a leading NUL.
        DomainSocketAddress manager = new DomainSocketAddress(path.startsWith("@") ? "\0" + path.substring(1) : path);
        new Bootstrap()
                .group(loops.group())
                .channel(EpollDomainDatagramChannel.class)
                .handler(new ChannelInboundHandlerAdapter())
                .register()
                .addListener((ChannelFuture open) -> open.channel()
                        .writeAndFlush(
                                new DomainDatagramPacket(Unpooled.copiedBuffer(state, StandardCharsets.UTF_8), manager))
                        .addListener(sent -> open.channel().close()));
    }
}
