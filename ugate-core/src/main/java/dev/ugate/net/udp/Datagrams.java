package dev.ugate.net.udp;

import dev.ugate.net.Loops;
import dev.ugate.spi.Fin;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;

/** Turns a connected UDP socket into a channel of one {@code ByteBuf} a datagram; writing {@link Fin} ends both directions. */
public final class Datagrams extends ChannelDuplexHandler {
    /** The longest datagram there is; a smaller buffer would cut it. */
    private static final int LONGEST = 65_535;

    Datagrams() {}

    /** Makes an unbound socket for a loop, which reads whole datagrams. */
    public static Channel socketOn(EventLoop loop) {
        Channel socket = Loops.datagramOn(loop);
        tune(socket);
        return socket;
    }

    /** Makes a socket read whole datagrams. */
    static void tune(Channel socket) {
        socket.config().setRecvByteBufAllocator(new FixedRecvByteBufAllocator(LONGEST));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ctx.fireChannelRead(message instanceof DatagramPacket packet ? packet.content() : message);
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (message instanceof Fin) {
            ctx.flush();
            if (!promise.isVoid()) {
                promise.setSuccess();
            }
            // UDP has no end of one direction: who ends gets no answer any more.
            ctx.fireChannelRead(Fin.FIN);
            ctx.fireChannelReadComplete();
            ctx.close();
        } else if (((ByteBuf) message).readableBytes() > LONGEST) {
            ReferenceCountUtil.release(message);
            promise.trySuccess();
        } else {
            ctx.write(message, promise);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // ECONNREFUSED, EMSGSIZE, ENOBUFS: one datagram was lost, as datagrams may be; the flow lives on.
        if (!(cause instanceof IOException)) {
            ctx.fireExceptionCaught(cause);
        }
    }
}
