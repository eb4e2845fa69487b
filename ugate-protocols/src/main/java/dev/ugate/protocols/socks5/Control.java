package dev.ugate.protocols.socks5;

import dev.ugate.model.Peer;
import dev.ugate.model.Refused;
import dev.ugate.net.Admission;
import dev.ugate.net.Failures;
import dev.ugate.net.Farewell;
import dev.ugate.net.udp.Datagrams;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Fin;
import dev.ugate.spi.Gate;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The control connection of a UDP ASSOCIATE: opens the relay socket, says where it is, and takes it along when it ends. */
final class Control extends ChannelInboundHandlerAdapter {
    private final Gate gate;
    private final Peer peer;
    private @Nullable Association association;
    private @Nullable Channel socket;
    private @Nullable Future<?> timer;
    private long seen;

    private Control(Gate gate, Peer peer) {
        this.gate = gate;
        this.peer = peer;
    }

    /** Whether UDP can be relayed for a peer: one with an address, on a connection that has one. */
    static boolean isPossible(Channel client, Peer peer) {
        return peer.remote() instanceof InetSocketAddress && client.localAddress() instanceof InetSocketAddress;
    }

    /** Takes over the connection; the reply follows when the socket is bound. */
    static void begin(Channel client, Peer peer, Gate gate) {
        Control control = new Control(gate, peer);
        client.pipeline().addLast(control);
        Admission.settled(client);
        try {
            control.bind(client);
        } catch (RuntimeException e) {
            control.failed(client, e.getCause() == null ? e : e.getCause());
        }
    }

    private void bind(Channel client) {
        Channel relay = Datagrams.socketOn(client.eventLoop());
        socket = relay;
        Connection connection = Connection.of(client);
        Association made =
                new Association(relay, connection, peer, ((InetSocketAddress) peer.remote()).getAddress(), gate);
        association = made;
        relay.pipeline().addLast(made);
        client.eventLoop().register(relay).addListener(registered -> {
            if (registered.isSuccess()) {
                InetSocketAddress local = (InetSocketAddress) client.localAddress();
                relay.bind(new InetSocketAddress(local.getAddress(), 0))
                        .addListener((ChannelFuture bound) -> bound(client, bound));
            } else {
                failed(client, registered.cause());
            }
        });
    }

    private void bound(Channel client, ChannelFuture bound) {
        if (!client.isActive()) {
            bound.channel().close();
        } else if (bound.isSuccess()) {
            client.writeAndFlush(Negotiation.reply(0, bound.channel().localAddress()));
            Duration idle =
                    Connection.of(client).ingress().settings().timeouts().idle();
            timer = client.eventLoop()
                    .scheduleAtFixedRate(
                            () -> closeIfIdle(client), idle.toNanos(), idle.toNanos(), TimeUnit.NANOSECONDS);
        } else {
            failed(client, bound.cause());
        }
    }

    private void failed(Channel client, Throwable cause) {
        Refused why = Failures.refused(cause).in("socks5: udp relay");
        Connection connection = Connection.of(client);
        connection.ingress().settings().journal().failed(connection, "socks5", why);
        Farewell.say(client, Negotiation.reply(Negotiation.FAILURE, null));
    }

    private void closeIfIdle(Channel client) {
        long now = association == null ? 0 : association.flows().carried();
        if (now == seen) {
            client.close();
        }
        seen = now;
    }

    /** The client has nothing to say here any more: it only keeps the connection, or ends it. */
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ReferenceCountUtil.release(message);
        if (message instanceof Fin) {
            ctx.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (timer != null) {
            timer.cancel(false);
        }
        if (association != null) {
            association.flows().close();
        }
        Channel relay = socket;
        if (relay != null) {
            // The flows end by tasks of their own; the socket they answer through goes after them.
            ctx.channel().eventLoop().execute(relay::close);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
