package dev.ugate.protocols.http.h1;

import dev.ugate.net.Failures;
import dev.ugate.net.Farewell;
import dev.ugate.net.Listener;
import dev.ugate.net.io.Reads;
import dev.ugate.net.pool.Shared;
import dev.ugate.protocols.http.h1.Watch.Wait;
import dev.ugate.protocols.http.semantics.Upstream;
import dev.ugate.protocols.http.wire.HeadParser;
import dev.ugate.protocols.http.wire.Incoming;
import dev.ugate.protocols.http.wire.StatusLine;
import dev.ugate.spi.Fin;
import dev.ugate.spi.Settings;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The client side of one HTTP/1.1 connection (RFC 9112 §9): one exchange at a time and no pipelining. It takes another request only
 * when the one before went out whole and its reply came whole; anything odd ends it (T40).
 */
public final class ClientConnection extends ChannelInboundHandlerAdapter implements Upstream {
    private final Supplier<Settings> settings;
    private final Shared.Keeper<Upstream> keeper;
    private final Incoming<StatusLine> incoming;
    private final Outgoing out;
    private final Watch watch;
    private @Nullable UpstreamExchange exchange;
    private long idleSince;
    private boolean over;

    /** Takes a dialled channel, which it reads from now on. */
    public ClientConnection(Channel channel, Supplier<Settings> settings, Shared.Keeper<Upstream> keeper) {
        this.settings = settings;
        this.keeper = keeper;
        this.incoming = new Incoming<>(HeadParser.replies(settings.get().limits()));
        this.out = new Outgoing(channel);
        this.watch = new Watch(channel, this::late);
        this.idleSince = now();
    }

    /** Begins to listen to the upstream, who has nothing to say before it is asked. */
    @Override
    public void begin() {
        channel().pipeline().addLast(this);
        channel().config().setAutoRead(true);
        if (!channel().isActive()) {
            discard();
        }
    }

    private long now() {
        return channel().eventLoop().ticker().nanoTime();
    }

    @Override
    public int places() {
        return over || exchange != null || !channel().isActive() ? 0 : 1;
    }

    @Override
    public Channel lease() {
        if (places() == 0) {
            throw new IllegalStateException("connection: taken");
        }
        UpstreamExchange begun = new UpstreamExchange(this, settings.get().timeouts());
        exchange = begun;
        idleSince = Long.MAX_VALUE;
        return begun.open();
    }

    @Override
    public long idleSince() {
        return idleSince;
    }

    @Override
    public void retire() {
        if (exchange == null) {
            leave();
        } else {
            exchange.isLast();
        }
    }

    Channel channel() {
        return out.channel();
    }

    Incoming<StatusLine> incoming() {
        return incoming;
    }

    Outgoing out() {
        return out;
    }

    Watch watch() {
        return watch;
    }

    /** The exchange is over, both ways whole: the next may begin, unless something came behind the reply. */
    void free(UpstreamExchange done) {
        if (exchange != done || over) {
            return;
        }
        if (incoming.readable() > 0 || incoming.ended() || !channel().isActive()) {
            discard();
            return;
        }
        exchange = null;
        idleSince = now();
        watch.rest();
        incoming.trim();
        Reads.pace(channel(), null);
        channel().config().setAutoRead(true);
        keeper.freed(this);
    }

    /** Nothing more is sent or read here. */
    void discard() {
        if (!over) {
            over = true;
            exchange = null;
            watch.stop();
            out.release();
            channel().close();
            keeper.gone(this);
        }
    }

    /** Nothing more is read here, and what was written goes out before the end. */
    void leave() {
        if (!over) {
            over = true;
            exchange = null;
            watch.stop();
            out.handOver();
            Farewell.last(channel(), Unpooled.EMPTY_BUFFER);
            keeper.gone(this);
        }
    }

    private void late(Wait what) {
        if (exchange != null) {
            exchange.late(what);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        UpstreamExchange current = exchange;
        if (current == null) {
            // Over, or an end while idle, or a reply that nobody asked for.
            ReferenceCountUtil.release(message);
            if (message instanceof Fin) {
                leave();
            } else {
                discard();
            }
        } else if (message instanceof Fin) {
            incoming.end();
            current.advance();
        } else {
            incoming.add(ctx.alloc(), (ByteBuf) message);
            current.advance();
        }
        if (exchange != current || current == null) {
            return;
        }
        incoming.trim();
    }

    /** What was proven is over, or the loop's work ends: the request that is under way is the last. */
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == Listener.DRAINING) {
            retire();
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (exchange != null) {
            exchange.disconnected("went away");
        }
        discard();
        incoming.take().release();
        ctx.fireChannelInactive();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (exchange != null && channel().isWritable()) {
            exchange.writable();
        }
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (exchange != null) {
            exchange.disconnected(Failures.refused(cause).text());
        } else {
            discard();
        }
    }
}
