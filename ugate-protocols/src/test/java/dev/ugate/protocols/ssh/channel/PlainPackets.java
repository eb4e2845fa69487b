package dev.ugate.protocols.ssh.channel;

import dev.ugate.net.Listener;
import dev.ugate.protocols.ssh.wire.Layer;
import dev.ugate.protocols.ssh.wire.Packets;
import dev.ugate.protocols.ssh.wire.Violation;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Packets without keys: a length, a number, a payload. What is under test stands above. */
public final class PlainPackets extends ByteToMessageDecoder implements Packets {
    private final Channel channel;
    private final Layer layer;
    private final String peerVersion;
    private boolean reading;
    private boolean over;
    private boolean flushes;
    private boolean exchanging;
    private @Nullable Violation said;

    public PlainPackets(Channel channel, Layer layer, String peerVersion) {
        this.channel = channel;
        this.layer = layer;
        this.peerVersion = peerVersion;
    }

    /** Adds itself to its channel, and opens the layer. */
    public PlainPackets begin() {
        channel.pipeline().addLast(this);
        layer.opened(this);
        return this;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        while (!over && in.readableBytes() >= 4 && in.readableBytes() >= 4 + in.getInt(in.readerIndex())) {
            ByteBuf packet = in.readSlice(4 + in.getInt(in.readerIndex())).skipBytes(4);
            reading = true;
            try {
                layer.received(packet.readUnsignedByte(), packet);
            } catch (Violation wrong) {
                disconnect(wrong);
            }
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
        super.channelReadComplete(ctx);
        if (reading) {
            reading = false;
            layer.readComplete();
            channel.flush();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (isWritable()) {
            layer.writable();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == Listener.DRAINING) {
            layer.drain();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        end(Violation.lost("connection closed"));
    }

    private void end(Violation why) {
        if (!over) {
            over = true;
            said = why;
            layer.closed(why);
        }
    }

    /** As if a key exchange made packets wait. */
    void exchange(boolean now) {
        exchanging = now;
        if (isWritable()) {
            layer.writable();
        }
    }

    /** Why the connection ended. */
    @Nullable
    Violation said() {
        return said;
    }

    @Override
    public void run(Runnable step) {
        if (!over) {
            try {
                step.run();
            } catch (Violation wrong) {
                disconnect(wrong);
            }
        }
    }

    @Override
    public ByteBuf payload(int message, int expected) {
        return channel.alloc().buffer(5 + expected).writeInt(0).writeByte(message);
    }

    @Override
    public void send(ByteBuf payload) {
        payload.setInt(0, payload.readableBytes() - 4);
        channel.write(payload);
    }

    @Override
    public void flush() {
        if (!reading && !flushes) {
            flushes = true;
            channel.eventLoop().execute(() -> {
                flushes = false;
                channel.flush();
            });
        }
    }

    @Override
    public boolean isWritable() {
        return channel.isWritable() && !exchanging;
    }

    @Override
    public void reading(boolean wanted) {
        channel.config().setAutoRead(wanted);
    }

    @Override
    public void handOver(Layer next) {
        throw new AssertionError("packets: one layer only");
    }

    @Override
    public byte[] sessionId() {
        return new byte[32];
    }

    @Override
    public byte[] hostKey() {
        return new byte[51];
    }

    @Override
    public boolean server() {
        return true;
    }

    @Override
    public String peerVersion() {
        return peerVersion;
    }

    @Override
    public @Nullable String extension(String name) {
        return null;
    }

    @Override
    public Channel connection() {
        return channel;
    }

    @Override
    public void disconnect(Violation why) {
        channel.flush();
        end(why);
        channel.close();
    }
}
