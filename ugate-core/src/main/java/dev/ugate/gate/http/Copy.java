package dev.ugate.gate.http;

import dev.ugate.net.foreign.ForeignChannel;
import dev.ugate.spi.Fin;
import dev.ugate.spi.Request;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** The body of a copied request: what is read of the original is seen here too, and never waited for. */
final class Copy extends ChannelInboundHandlerAdapter implements ForeignChannel.Far {
    private final ForeignChannel channel;
    private final long most;
    private final Runnable dropped;
    private long waiting;
    private boolean over;

    Copy(Request original, long most, Runnable dropped) {
        this.channel = new ForeignChannel(original.body(), this);
        this.most = most;
        this.dropped = dropped;
        original.body().eventLoop().register(channel);
        if (original.length() == 0) {
            over = true;
            channel.offer(Fin.FIN);
        } else {
            original.body().pipeline().addLast(this);
        }
    }

    Request request(Request original) {
        return new Request(
                original.method(),
                original.scheme(),
                original.authority(),
                original.path(),
                original.fields(),
                original.length(),
                original.upgrade(),
                channel);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof ByteBuf bytes) {
            tee(bytes);
        } else if (!over && message instanceof Fin) {
            over = true;
            channel.offer(message);
        }
        ctx.fireChannelRead(message);
    }

    private void tee(ByteBuf bytes) {
        waiting += bytes.readableBytes();
        if (!over && waiting > most) {
            over = true;
            dropped.run();
            channel.close();
        } else if (!over) {
            // The second owner is the copy: the original goes its own way.
            channel.offer(bytes.retainedDuplicate());
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        channel.ready();
        ctx.fireChannelReadComplete();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (!over) {
            over = true;
            channel.close();
        }
        ctx.fireChannelInactive();
    }

    /** Everything that waited was taken. */
    @Override
    public void read() {
        waiting = 0;
    }

    @Override
    public int write(ByteBuf bytes) {
        return bytes.readableBytes();
    }

    @Override
    public void finish(Fin fin) {
        // The reply of a mirror is nobody's.
    }

    @Override
    public void close() {
        over = true;
    }
}
