package dev.ugate.testing;

import dev.ugate.spi.Fin;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.List;

/** Stands where the relay or the detector stands: keeps the bytes that arrive and whether the direction ended. */
public final class Sink extends ChannelInboundHandlerAdapter {
    private final ByteBuf taken = Unpooled.buffer();
    private final List<byte[]> messages = new ArrayList<>();
    private int fins;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof Fin) {
            fins++;
        } else if (message instanceof ByteBuf bytes && fins == 0) {
            messages.add(ByteBufUtil.getBytes(bytes));
            taken.writeBytes(bytes);
            ReferenceCountUtil.release(bytes);
        } else {
            throw new AssertionError(
                    "sink: read " + message + " after " + fins + " ends: expected ByteBuf, then one Fin");
        }
    }

    /** Every byte that arrived. */
    public byte[] taken() {
        return ByteBufUtil.getBytes(taken);
    }

    /** The same, message by message: for datagrams. */
    public List<byte[]> messages() {
        return List.copyOf(messages);
    }

    public boolean ended() {
        return fins > 0;
    }
}
