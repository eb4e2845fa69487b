package dev.ugate.protocols.http.h2;

import dev.ugate.model.Limits;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.net.Failures;
import dev.ugate.net.Farewell;
import dev.ugate.net.Listener;
import dev.ugate.net.Reset;
import dev.ugate.protocols.http.h2.frame.Code;
import dev.ugate.protocols.http.h2.frame.Floods;
import dev.ugate.protocols.http.h2.frame.FrameReader;
import dev.ugate.protocols.http.h2.frame.FrameWriter;
import dev.ugate.protocols.http.h2.frame.PeerSettings;
import dev.ugate.protocols.http.h2.frame.Violation;
import dev.ugate.spi.Fin;
import dev.ugate.spi.Settings;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One connection of HTTP/2, whichever end of it (RFC 9113): reads frames, writes them in batches, and ends in an orderly way. */
final class Engine extends ChannelInboundHandlerAdapter {
    static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private static final long DRAIN_PING = 0x7567_6174_6521L;
    private static final int EVERY_STREAM = Integer.MAX_VALUE;

    private final Channel channel;
    private final Role role;
    private final Limits.Http2 limits;
    private final FrameReader reader;
    private final FrameWriter out;
    private final Inbound inbound;
    private final Streams streams = new Streams();
    private final Flow flow;
    private final Floods floods;
    private final Pulse pulse;
    private final PeerSettings peer = new PeerSettings();
    private final List<H2Stream> touched = new ArrayList<>();
    private int preface;
    private boolean reading;
    private boolean flushes;
    private boolean turning;
    private boolean draining;
    private boolean closing;
    private boolean ended;
    private boolean departed;

    /** {@code terms} are those of the listener, or of the pool. */
    Engine(Channel channel, Role role, Settings terms) {
        this.channel = channel;
        this.role = role;
        this.limits = terms.limits().http2();
        this.out = new FrameWriter(channel);
        this.floods = new Floods(limits, now());
        this.flow = new Flow(this, limits);
        this.inbound = new Inbound(this, terms.limits(), limits);
        this.reader = new FrameReader(inbound, channel.alloc(), maxFrame(limits));
        this.pulse = new Pulse(this, terms);
        this.preface = role.serves() ? 0 : PREFACE.length;
    }

    Channel channel() {
        return channel;
    }

    Role role() {
        return role;
    }

    FrameWriter out() {
        return out;
    }

    Streams streams() {
        return streams;
    }

    Flow flow() {
        return flow;
    }

    Floods floods() {
        return floods;
    }

    PeerSettings peer() {
        return peer;
    }

    /** What may be configured and what may be said differ (RFC 9113 §6.5.2). */
    static int maxFrame(Limits.Http2 limits) {
        return Math.min(Math.max(limits.http2Frame().toInt(), PeerSettings.LEAST_FRAME), PeerSettings.LARGEST_FRAME);
    }

    long now() {
        return channel.eventLoop().ticker().nanoTime();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        channel.config().setAutoRead(true);
        if (!role.serves()) {
            out.preface(PREFACE);
        }
        int role8441 = role.serves() ? PeerSettings.ENABLE_CONNECT_PROTOCOL : PeerSettings.ENABLE_PUSH;
        out.settings(
                PeerSettings.MAX_CONCURRENT_STREAMS,
                role.serves() ? limits.http2Streams() : 0,
                PeerSettings.INITIAL_WINDOW_SIZE,
                flow.streamWindow(),
                PeerSettings.MAX_FRAME_SIZE,
                maxFrame(limits),
                PeerSettings.MAX_HEADER_LIST_SIZE,
                pulse.headBytes(),
                role8441,
                role.serves() ? 1 : 0);
        int more = limits.http2ConnectionWindow().toInt() - PeerSettings.FIRST_WINDOW;
        if (more > 0) {
            out.windowUpdate(0, more);
        }
        pulse.start();
        flushSoon();
    }

    // Reading.

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (departed) {
            ReferenceCountUtil.release(message);
        } else if (message instanceof Fin) {
            ended = true;
            peerEnded();
        } else {
            ByteBuf bytes = (ByteBuf) message;
            reading = true;
            try {
                read(bytes);
            } catch (Violation wrong) {
                fail(wrong);
            } finally {
                bytes.release();
            }
        }
    }

    private void read(ByteBuf bytes) {
        while (preface < PREFACE.length && bytes.isReadable()) {
            if (bytes.readByte() != PREFACE[preface++]) {
                throw Violation.fatal(Code.PROTOCOL_ERROR, "preface: expected that of HTTP/2");
            }
        }
        if (preface == PREFACE.length) {
            reader.read(bytes);
        }
    }

    /** The stream has something new for its reader. */
    void touched(H2Stream stream) {
        touched.add(stream);
        if (!reading) {
            ready();
        }
    }

    private void ready() {
        for (int i = 0; i < touched.size(); i++) {
            touched.get(i).ready();
        }
        touched.clear();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        ready();
        reading = false;
        if (!departed) {
            if (headBegun()) {
                pulse.slowHead();
            } else {
                pulse.wholeHead();
            }
            flush();
        }
    }

    /** Nothing more will come: who waits for the peer waits in vain. */
    private void peerEnded() {
        for (H2Stream stream : streams.all()) {
            if (!stream.in().over()) {
                stream.broken(gone(), false);
            }
        }
        closing = true;
        leaveIfIdle();
    }

    private static Refused gone() {
        return Refused.because(Refusal.UNREACHABLE, "http2: connection ended");
    }

    // Writing.

    /** Sends what was written, at the end of what is read now, or of this turn of the loop. */
    void flushSoon() {
        if (!reading && !flushes) {
            flushes = true;
            channel.eventLoop().execute(this::flushNow);
        }
    }

    private void flushNow() {
        flushes = false;
        if (!departed) {
            flush();
        }
    }

    private void flush() {
        out.flush();
        if (closing && !departed) {
            leaveIfIdle();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (channel.isWritable() && !turning) {
            turning = true;
            // Not now: this may be a call from inside of a stream's own write.
            channel.eventLoop().execute(this::turns);
        }
        ctx.fireChannelWritabilityChanged();
    }

    private void turns() {
        turning = false;
        if (!departed) {
            flow.turns();
        }
    }

    // What frames ask for.

    /** The peer knows our settings. */
    void acknowledged() {
        pulse.acknowledged();
    }

    /** A stream waits for the rest of a request that nobody wants. */
    void drops() {
        pulse.drops();
    }

    /** Whether a header block has begun and is not whole. */
    boolean headBegun() {
        return inbound.begun() || reader.begun();
    }

    /** Whether the peer has not begun yet with what it is here for. */
    boolean isNew() {
        return !peer.known() || role.serves() && streams.seen() == 0;
    }

    /** A stream ended. */
    void over(H2Stream stream, boolean byUs) {
        streams.remove(stream, byUs);
        role.changed();
        if (closing) {
            flushSoon();
        }
    }

    void keepAlive(Duration quiet, Duration patience) {
        pulse.keepAlive(quiet, patience);
    }

    /** A stream began. */
    void opened() {
        pulse.opened();
        if (streams.seen() >= limits.http2StreamsOfLife()) {
            drain();
        }
    }

    /** Whether new streams of the peer are refused. */
    boolean takesNone() {
        return closing;
    }

    void pong(long opaque) {
        if (opaque == DRAIN_PING && draining) {
            lastStreamIsKnown();
        } else {
            pulse.pong(opaque);
        }
    }

    /** The peer begins nothing more and answers streams up to {@code last}. */
    void peerLeaves(int last, Code code) {
        if (!role.serves()) {
            closing = true;
            for (H2Stream stream : streams.all()) {
                if (stream.id() > last) {
                    stream.broken(Refused.because(Refusal.UNREACHABLE, "http2: connection leaves: " + code), true);
                }
            }
            role.changed();
        }
    }

    // The end.

    /** Lets what runs finish and begins nothing new: the peer is told, and told again when it can have heard (RFC 9113 §6.8). */
    void drain() {
        if (draining || departed) {
            return;
        }
        draining = true;
        if (role.serves()) {
            out.goAway(EVERY_STREAM, Code.NO_ERROR);
            out.ping(DRAIN_PING, false);
            channel.eventLoop().schedule(this::lastStreamIsKnown, 1, TimeUnit.SECONDS);
            flushSoon();
        } else {
            closing = true;
            role.changed();
            leaveIfIdle();
        }
    }

    private void lastStreamIsKnown() {
        if (!closing && !departed) {
            closing = true;
            out.goAway(streams.newest(), Code.NO_ERROR);
            flushSoon();
        }
    }

    private void leaveIfIdle() {
        if (streams.size() == 0 && !departed) {
            leave(Code.NO_ERROR);
        }
    }

    /** Ends the connection with last words that the peer can read. */
    void leave(Code code) {
        if (departed) {
            return;
        }
        if (!closing || code != Code.NO_ERROR) {
            out.goAway(role.serves() ? streams.newest() : 0, code);
        }
        ByteBuf words = out.take();
        depart();
        if (ended) {
            channel.writeAndFlush(words).addListener(ChannelFutureListener.CLOSE);
        } else {
            Farewell.say(channel, words);
        }
        if (channel.pipeline().context(this) != null) {
            channel.pipeline().remove(this);
        }
    }

    /** The peer broke the rules of the connection. */
    void fail(Violation wrong) {
        if (!departed) {
            role.failed(wrong);
            leave(wrong.code());
        }
    }

    /** The connection is of no use. */
    void abort() {
        if (!departed) {
            depart();
            Reset.close(channel);
        }
    }

    private void depart() {
        departed = true;
        closing = true;
        pulse.stop();
        for (H2Stream stream : streams.all()) {
            stream.broken(gone(), false);
        }
        reader.release();
        inbound.release();
        out.release();
        role.changed();
    }

    boolean departed() {
        return departed;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == Listener.DRAINING) {
            drain();
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (!departed) {
            depart();
        }
        ctx.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (!departed) {
            depart();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        Failures.refused(cause);
        abort();
    }
}
