package dev.ugate.net;

import dev.ugate.model.Peer;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.net.io.DuplexFin;
import dev.ugate.net.io.OriginalDestination;
import dev.ugate.net.io.SlowStart;
import dev.ugate.net.io.Sockets;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Gate;
import dev.ugate.spi.Ingress;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One bound address; every accepted connection enters the gate. Stops accepting while the process is full and goes on when a
 * connection ended.
 */
public final class Listener {
    /** Fired as a user event on every live connection when its listener drains: finish what runs, begin nothing. */
    public static final Object DRAINING = new Object() {
        @Override
        public String toString() {
            return "DRAINING";
        }
    };

    private final Loops loops;
    private final Admission admission;
    private final Gate gate;
    private final Supplier<Ingress> ingress;
    private final SocketAddress asked;
    private final ChannelGroup accepted = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private @Nullable Channel server;

    private Listener(Loops loops, Admission admission, Gate gate, SocketAddress asked, Supplier<Ingress> ingress) {
        this.asked = asked;
        this.loops = loops;
        this.admission = admission;
        this.gate = gate;
        this.ingress = ingress;
    }

    /**
     * Binds {@code address}; fails with the bind's own exception. {@code ingress} is asked at each accept, so that a reload changes new
     * connections only.
     */
    public static Future<Listener> bind(
            Loops loops, Admission admission, Gate gate, SocketAddress address, Supplier<Ingress> ingress) {
        SocketAddress own = loops.own(address);
        Listener listener = new Listener(loops, admission, gate, own, ingress);
        Promise<Listener> promise = loops.next().newPromise();
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loops.group())
                .channelFactory(loops.server(own))
                .option(
                        ChannelOption.SO_BACKLOG,
                        ingress.get().settings().limits().backlog())
                .handler(new Counted(admission))
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        listener.accept(channel);
                    }
                });
        bootstrap.bind(own).addListener((ChannelFuture bound) -> {
            if (bound.isSuccess()) {
                Sockets.keepAlive(bound.channel());
                SlowStart.listening(bound.channel(), ingress.get().settings().limits());
                listener.server = bound.channel();
                promise.setSuccess(listener);
            } else {
                promise.setFailure(bound.cause());
            }
        });
        return promise;
    }

    private void accept(Channel channel) {
        Ingress terms = ingress.get();
        // Gone before it was accepted: without an address it would pass for a peer on a Unix socket.
        boolean gone = channel.remoteAddress() == null;
        // Netty's sockets of io_uring, asked for 0.0.0.0, listen on IPv6 as well.
        boolean unasked = Sockets.isIpv4(asked) && !Sockets.isIpv4(channel.remoteAddress());
        if (gone || unasked) {
            Reset.close(channel);
            return;
        }
        Peer peer = Peer.of(channel.remoteAddress(), channel.localAddress());
        Connection connection = Connection.accepted(terms, peer);
        connection.on(channel);
        if (terms.arrival().captured() && !captured(channel, connection)) {
            Reset.close(channel);
            return;
        }
        Optional<Refused> over = Optional.empty();
        if (terms.trusts(peer)) {
            admission.admitProxy(channel);
        } else {
            over = admission.admit(channel, peer);
        }
        if (over.isPresent()) {
            terms.settings().journal().failed(connection, "accept", over.get());
            Reset.close(channel);
            return;
        }
        accepted.add(channel);
        Sockets.tune(channel, terms.settings().limits());
        SlowStart.accepted(channel);
        channel.pipeline().addLast(new DuplexFin());
        gate.enter(channel);
    }

    /** Notes where the connection was going to; false, told to the journal, when the kernel does not know. */
    private static boolean captured(Channel channel, Connection connection) {
        try {
            connection
                    .withPeer(connection.peer().capturedFrom(OriginalDestination.of(channel)))
                    .on(channel);
            return true;
        } catch (Refused refused) {
            connection.ingress().settings().journal().failed(connection, "accept", refused);
            return false;
        }
    }

    /**
     * Counts on the listening channel's own loop, because it goes on accepting while the loops of the accepted ones are busy, and each
     * accepted socket is a descriptor (J1).
     */
    private static final class Counted extends ChannelInboundHandlerAdapter {
        private final Admission admission;

        Counted(Admission admission) {
            this.admission = admission;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object accepted) {
            admission.arrived((Channel) accepted);
            Channel listening = ctx.channel();
            if (admission.full() && listening.config().isAutoRead()) {
                listening.config().setAutoRead(false);
                admission.whenRoom(() -> resume(listening));
            }
            ctx.fireChannelRead(accepted);
        }

        /** On its own loop: a read that another thread asks for comes late, and is then one more than there is room for. */
        private void resume(Channel listening) {
            if (!listening.isOpen() || listening.eventLoop().isShuttingDown()) {
                return;
            }
            listening.eventLoop().execute(() -> {
                if (admission.full()) {
                    admission.whenRoom(() -> resume(listening));
                } else {
                    listening.config().setAutoRead(true);
                }
            });
        }
    }

    private Channel server() {
        if (server == null) {
            throw new IllegalStateException("listener: not bound");
        }
        return server;
    }

    /** The bound address, with the port that the kernel chose for port 0. */
    public SocketAddress address() {
        SocketAddress bound = server().localAddress();
        return asked instanceof InetSocketAddress own && Sockets.isIpv4(own)
                ? new InetSocketAddress(own.getAddress(), ((InetSocketAddress) bound).getPort())
                : bound;
    }

    /** Accepted connections that are still open. */
    public int live() {
        return accepted.size();
    }

    /** Stops accepting at once, lets live connections finish for {@code grace}, then resets them; completes when none is left. */
    public Future<?> drain(Duration grace) {
        server().close();
        Promise<Void> drained = loops.next().newPromise();
        for (Channel channel : accepted) {
            channel.eventLoop().execute(() -> channel.pipeline().fireUserEventTriggered(DRAINING));
        }
        var timer = loops.next().schedule(() -> cut(grace), grace.toNanos(), TimeUnit.NANOSECONDS);
        accepted.newCloseFuture().addListener(closed -> {
            timer.cancel(false);
            drained.trySuccess(null);
        });
        return drained;
    }

    /** A stream that could not finish must not look finished. */
    private void cut(Duration grace) {
        Refused why = Refused.because(Refusal.DRAINING, "limit drain: not over after " + grace.toMillis() + "ms");
        for (Channel channel : accepted) {
            channel.eventLoop().execute(() -> Reset.close(channel, why));
        }
    }
}
