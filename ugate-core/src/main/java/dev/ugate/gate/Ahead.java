package dev.ugate.gate;

import dev.ugate.model.Endpoint;
import dev.ugate.model.Intent;
import dev.ugate.model.Refused;
import dev.ugate.net.Detector;
import dev.ugate.net.EarlyReads;
import dev.ugate.spi.Connection;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.Future;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The destination of a captured connection, dialled while it is not known what the client speaks, so that a server may speak first. The
 * stream that opens next takes it where that is its way too. Lives on the client's loop.
 */
final class Ahead {
    /** A client that speaks first has spoken by then; one that does not has hardly waited. */
    private static final long MOMENT_MILLIS = 5;

    private static final AttributeKey<Ahead> KEY = AttributeKey.valueOf("ugate.ahead");

    private final Channel client;
    private @Nullable Passage passage;
    private @Nullable Future<Channel> way;

    private Ahead(Channel client) {
        this.client = client;
    }

    /** Dials under {@code protocol} where the connection was going to, unless the client speaks at once. */
    static void begin(Channel client, Outbound outbound, String protocol) {
        Ahead ahead = new Ahead(client);
        client.attr(KEY).set(ahead);
        var timer =
                client.eventLoop().schedule(() -> ahead.dial(outbound, protocol), MOMENT_MILLIS, TimeUnit.MILLISECONDS);
        client.closeFuture().addListener(closed -> {
            timer.cancel(false);
            ahead.drop();
        });
    }

    /** What was dialled ahead for this connection; only once. */
    static Optional<Ahead> of(Channel client) {
        return client.hasAttr(KEY) ? Optional.ofNullable(client.attr(KEY).getAndSet(null)) : Optional.empty();
    }

    private void dial(Outbound outbound, String protocol) {
        Connection connection = Connection.of(client);
        var original = connection.peer().captured();
        boolean decided = client.pipeline().get(Detector.class) == null;
        if (decided || original.isEmpty() || !client.isActive()) {
            return;
        }
        Intent intent = Intent.bytes(protocol, connection.peer(), original.get());
        try {
            Intent settled = outbound.settle(intent, connection.ingress());
            passage = outbound.passage(settled, Optional.of(connection.ingress()), client.eventLoop());
        } catch (Refused refused) {
            return; // The stream will be refused the same way, and in its own words.
        }
        Future<Channel> dialled = passage.begin();
        way = dialled;
        dialled.addListener(done -> {
            if (done.isSuccess()) {
                listen(dialled.getNow());
            }
        });
    }

    private void listen(Channel upstream) {
        EarlyReads early = new EarlyReads();
        upstream.pipeline().addLast(new Spoke(client), early);
        upstream.read();
        early.open();
    }

    /** The dial, when it goes to this endpoint and has not failed. */
    Optional<Future<Channel>> take(Endpoint endpoint) {
        Future<Channel> taken = way;
        boolean same = passage != null
                && passage.endpoint().equals(Optional.of(endpoint))
                && taken != null
                && !(taken.isDone() && (!taken.isSuccess() || !taken.getNow().isActive()));
        if (!same) {
            return Optional.empty();
        }
        way = null;
        return Optional.ofNullable(taken);
    }

    /** Nobody will take it. */
    void drop() {
        Future<Channel> unused = way;
        way = null;
        if (unused != null && !unused.cancel(false) && unused.isSuccess()) {
            unused.getNow().close();
        }
    }

    /** Tells the client's connection that its server says something, or goes, before the client said anything. */
    private static final class Spoke extends ChannelInboundHandlerAdapter {
        private final Channel client;

        Spoke(Channel client) {
            this.client = client;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ctx.fireChannelRead(message);
            tell(ctx);
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            ctx.fireChannelInactive();
            tell(ctx);
        }

        private void tell(ChannelHandlerContext ctx) {
            if (!ctx.isRemoved()) {
                ctx.pipeline().remove(this);
                client.pipeline().fireUserEventTriggered(Detector.SERVER_FIRST);
            }
        }
    }
}
