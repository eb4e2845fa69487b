package dev.ugate.protocols.ssh.kex;

import dev.ugate.model.Refused;
import dev.ugate.net.Failures;
import dev.ugate.net.Farewell;
import dev.ugate.net.Listener;
import dev.ugate.net.Reset;
import dev.ugate.protocols.ssh.wire.Disconnect;
import dev.ugate.protocols.ssh.wire.Identification;
import dev.ugate.protocols.ssh.wire.Layer;
import dev.ugate.protocols.ssh.wire.Packets;
import dev.ugate.protocols.ssh.wire.Violation;
import dev.ugate.spi.Fin;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/** One connection of SSH, whichever end of it: its parts, what the channel tells them, and what layers ask of them (RFC 4253). */
public final class Link extends ChannelInboundHandlerAdapter implements Packets {
    private final Channel channel;
    private final Terms terms;
    private final Session session = new Session();
    private final Layers layers;
    private final Outbound out;
    private final Exchanges exchanges;
    private final Inbound inbound;
    private final Flow flow;

    /** {@code first}: opened once the first keys are in force. */
    public Link(Channel channel, Terms terms, Layer first) {
        this.channel = channel;
        this.terms = terms;
        this.layers = new Layers(this, first);
        this.out = new Outbound(channel);
        this.exchanges = new Exchanges(this);
        this.inbound = new Inbound(this);
        this.flow = new Flow(this);
    }

    Terms terms() {
        return terms;
    }

    Session session() {
        return session;
    }

    Layers layers() {
        return layers;
    }

    Outbound out() {
        return out;
    }

    Exchanges exchanges() {
        return exchanges;
    }

    Inbound inbound() {
        return inbound;
    }

    Flow flow() {
        return flow;
    }

    // What the channel tells.

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        channel.config().setAutoRead(true);
        // A handler that cannot begin is taken out, and nobody else would end the connection.
        Failures.run(channel, this::begin);
    }

    private void begin() {
        out.raw(Identification.line());
        if (!server()) {
            exchanges.first();
        }
        flush();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            if (layers.over()) {
                return;
            }
            if (message instanceof Fin) {
                flow.readComplete();
                end(Violation.lost("connection ended"));
            } else {
                flow.begin();
                inbound.read((ByteBuf) message);
            }
        } catch (Violation wrong) {
            disconnect(wrong);
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        try {
            flow.readComplete();
        } catch (Violation wrong) {
            disconnect(wrong);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        flow.writabilityChanged();
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == Listener.DRAINING) {
            layers.drain();
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        end(Violation.lost("connection closed"));
        ctx.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        end(Violation.lost("connection closed"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        Refused why = Failures.refused(cause);
        if (!layers.over()) {
            stop();
            out.drop();
            Reset.close(channel);
            layers.close(Violation.lost(why.text()));
        }
    }

    // How it ends.

    @Override
    public void disconnect(Violation why) {
        if (why.isTold()) {
            end(why);
        } else if (!layers.over()) {
            stop();
            ByteBuf words = out.last(why);
            out.drop();
            Farewell.say(channel, words);
            layers.close(why);
            if (channel.pipeline().context(this) != null) {
                channel.pipeline().remove(this);
            }
        }
    }

    /** Nobody is there to hear why. */
    private void end(Violation why) {
        if (!layers.over()) {
            stop();
            out.drop();
            channel.close();
            layers.close(why);
        }
    }

    private void stop() {
        layers.end();
        inbound.end();
        exchanges.stop();
    }

    // What layers ask.

    @Override
    public ByteBuf payload(int message, int expected) {
        return out.payload(message, expected);
    }

    @Override
    public void send(ByteBuf payload) {
        out.send();
    }

    @Override
    public void flush() {
        flow.flushSoon();
    }

    @Override
    public boolean isWritable() {
        return channel.isWritable() && !out.holds();
    }

    @Override
    public void reading(boolean wanted) {
        flow.reading(wanted);
    }

    @Override
    public void run(Runnable step) {
        if (layers.over()) {
            return;
        }
        try {
            step.run();
        } catch (Violation wrong) {
            disconnect(wrong);
        } catch (Throwable bug) {
            channel.pipeline().fireExceptionCaught(bug);
        }
    }

    @Override
    public void handOver(Layer next) {
        layers.handOver(next);
    }

    @Override
    public byte[] sessionId() {
        return session.id();
    }

    @Override
    public byte[] hostKey() {
        return session.hostKey();
    }

    @Override
    public boolean server() {
        return terms.server();
    }

    @Override
    public String peerVersion() {
        return exchanges.peerVersion();
    }

    @Override
    public @Nullable String extension(String name) {
        return session.extension(name);
    }

    @Override
    public Channel connection() {
        return channel;
    }

    /** Why nothing more begins here. */
    static Violation draining() {
        return Violation.of(Disconnect.BY_APPLICATION, "draining");
    }
}
