package dev.ugate.protocols.http.h2;

import dev.ugate.model.Refused;
import dev.ugate.model.http.ProxyError;
import dev.ugate.net.Failures;
import dev.ugate.net.Listener;
import dev.ugate.protocols.http.h2.frame.Floods;
import dev.ugate.protocols.http.h2.frame.FrameWriter;
import dev.ugate.protocols.http.h2.frame.OwnSettings;
import dev.ugate.protocols.http.h2.frame.PeerSettings;
import dev.ugate.protocols.http.h2.frame.Violation;
import dev.ugate.spi.Fin;
import dev.ugate.spi.Pressure;
import dev.ugate.spi.Settings;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.TimeUnit;

/** One connection of HTTP/2, whichever end of it (RFC 9113): what its parts are, and what the channel tells them. */
final class Engine extends ChannelInboundHandlerAdapter {
    private final Channel channel;
    private final Role role;
    private final Batch batch;
    private final Inbound inbound;
    private final Streams streams = new Streams();
    private final Flow flow;
    private final Pulse pulse;
    private final Departure departure;

    /** {@code terms} are those of the listener, or of the pool. */
    Engine(Channel channel, Role role, Settings terms) {
        this.channel = channel;
        this.role = role;
        boolean tight = terms.pressure().get().atLeast(Pressure.TRIM);
        OwnSettings own = new OwnSettings(terms.limits(), role.serves(), role.isMesh(), tight);
        Floods floods = new Floods(terms.limits().http2(), now());
        this.batch = new Batch(this);
        this.departure = new Departure(this);
        this.flow = new Flow(this, own, floods, terms.pressure());
        this.inbound = new Inbound(this, own, floods);
        this.pulse = new Pulse(this, terms);
    }

    Channel channel() {
        return channel;
    }

    Role role() {
        return role;
    }

    FrameWriter out() {
        return batch.out();
    }

    Streams streams() {
        return streams;
    }

    Flow flow() {
        return flow;
    }

    Pulse pulse() {
        return pulse;
    }

    Departure departure() {
        return departure;
    }

    PeerSettings peer() {
        return inbound.peer();
    }

    long now() {
        return channel.eventLoop().ticker().nanoTime();
    }

    // What streams ask for.

    /** Runs {@code beginning} for the stream when all that came with its head is read, unless the stream is over by then. */
    void begins(H2Stream stream, Runnable beginning) {
        batch.begins(() -> {
            if (!stream.closed()) {
                beginning.run();
            }
        });
    }

    /** The stream has something new for its reader. */
    void touched(H2Stream stream) {
        batch.touched(stream);
    }

    /** Sends what was written, at the end of what is read now, or of this turn of the loop. */
    void flushSoon() {
        batch.flushSoon();
    }

    /** A stream ended. */
    void over(H2Stream stream, boolean byUs) {
        streams.remove(stream, byUs);
        role.changed();
        if (departure.begun()) {
            flushSoon();
        }
    }

    /** Whether the peer has not begun yet with what it is here for. */
    boolean isNew() {
        return !peer().known() || role.awaitsStreams() && streams.seen() == 0;
    }

    /** Lets go of what was read and written in part. */
    void release() {
        inbound.release();
        out().release();
    }

    // What the channel tells.

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        channel.config().setAutoRead(true);
        // A handler that cannot begin is taken out, and nobody else would end the connection.
        Failures.run(channel, this::begin);
    }

    private void begin() {
        inbound.own().announce(out());
        pulse.start();
        flushSoon();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (departure.taken()) {
            ReferenceCountUtil.release(message);
        } else if (message instanceof Fin) {
            // What came in the same read goes first: nothing may follow.
            batch.end();
            departure.peerEnded();
        } else {
            ByteBuf bytes = (ByteBuf) message;
            pulse.heard();
            batch.begin();
            try {
                inbound.read(bytes);
            } catch (Violation wrong) {
                departure.fail(wrong);
                batch.abandon();
            } finally {
                bytes.release();
            }
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        batch.end();
        if (!departure.taken()) {
            if (inbound.begun()) {
                pulse.slowHead();
            } else {
                pulse.wholeHead();
            }
            batch.flush();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (channel.isWritable()) {
            batch.writable();
        }
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == Listener.DRAINING) {
            departure.drain();
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        departure.lost();
        ctx.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        departure.lost();
        release(); // again: who ended it in the midst of its own work may have written since
    }

    /** Does it in a turn of the loop to come; what it throws ends the connection. */
    void execute(Runnable task) {
        channel().eventLoop().execute(() -> Failures.run(channel(), task));
    }

    /** The same, that much later. */
    void schedule(Runnable task, long millis) {
        channel().eventLoop().schedule(() -> Failures.run(channel(), task), millis, TimeUnit.MILLISECONDS);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        Refused why = Failures.refused(cause);
        departure.abort(Refused.unanswered(why.reason(), "http2: " + why.text()).as(ProxyError.CONNECTION_TERMINATED));
    }
}
