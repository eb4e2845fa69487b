package dev.ugate.net.udp;

import dev.ugate.model.HostPort;
import dev.ugate.model.Intent;
import dev.ugate.model.Peer;
import dev.ugate.model.Shape;
import dev.ugate.net.Loops;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Gate;
import dev.ugate.spi.Ingress;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The plain forward: datagrams that arrive at one address go to the listener's target, one flow for each client address and port.
 * Lives on one loop.
 */
public final class UdpListener extends SimpleChannelInboundHandler<DatagramPacket>
        implements Client<InetSocketAddress> {
    private final Gate gate;
    private final Supplier<Ingress> ingress;
    private @Nullable Channel socket;
    private @Nullable Flows<InetSocketAddress> flows;

    private UdpListener(Gate gate, Supplier<Ingress> ingress) {
        super(false);
        this.gate = gate;
        this.ingress = ingress;
    }

    /**
     * Binds {@code address}; fails with the bind's own exception. {@code ingress} must name a {@code target} and is asked at each new
     * flow.
     */
    public static Future<UdpListener> bind(
            Loops loops, Gate gate, InetSocketAddress address, Supplier<Ingress> ingress) {
        UdpListener listener = new UdpListener(gate, ingress);
        EventLoop loop = loops.next();
        Promise<UdpListener> promise = loop.newPromise();
        new Bootstrap()
                .group(loop)
                .channelFactory(loops.datagram(address))
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        listener.begin(channel);
                    }
                })
                .bind(address)
                .addListener((ChannelFuture bound) -> {
                    if (bound.isSuccess()) {
                        promise.setSuccess(listener);
                    } else {
                        promise.setFailure(bound.cause());
                    }
                });
        return promise;
    }

    private void begin(Channel channel) {
        Datagrams.tune(channel);
        socket = channel;
        flows = new Flows<>(
                channel, gate, this, ingress.get().settings().limits().udpFlows());
        channel.pipeline().addLast(this);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
        flows().deliver(packet.sender(), packet.content());
    }

    @Override
    public Object source(InetSocketAddress from) {
        return from.getAddress();
    }

    @Override
    public Connection connection(InetSocketAddress from) {
        return Connection.accepted(ingress.get(), Peer.of(from, socket().localAddress()));
    }

    @Override
    public Intent intent(InetSocketAddress from) {
        Ingress terms = ingress.get();
        HostPort target = terms.target()
                .orElseThrow(() -> new IllegalStateException("listener " + terms.name() + ": udp: expected a target"));
        return new Intent("udp", Peer.of(from, socket().localAddress()), target, Shape.DATAGRAMS, Map.of());
    }

    @Override
    public boolean send(InetSocketAddress to, Channel upstream, ByteBuf payload) {
        if (!socket().isWritable()) {
            return false;
        }
        // The second owner is the socket's queue; the flow keeps its own.
        socket().writeAndFlush(new DatagramPacket(payload.retain(), to), socket().voidPromise());
        return true;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException)) {
            ctx.fireExceptionCaught(cause);
        }
    }

    private Flows<InetSocketAddress> flows() {
        if (flows == null) {
            throw new IllegalStateException("udp listener: not bound");
        }
        return flows;
    }

    private Channel socket() {
        if (socket == null) {
            throw new IllegalStateException("udp listener: not bound");
        }
        return socket;
    }

    /** The bound address, with the port that the kernel chose for port 0. */
    public InetSocketAddress address() {
        return (InetSocketAddress) socket().localAddress();
    }

    /** Opens no more flows at once, ends the others after {@code grace}; completes when the socket is closed. */
    public Future<?> drain(Duration grace) {
        Channel bound = socket();
        bound.eventLoop().execute(() -> flows().drain());
        var timer = bound.eventLoop()
                .schedule(
                        () -> {
                            flows().close();
                            // The flows end by tasks of their own; the socket they answer through goes after them.
                            bound.eventLoop().execute(bound::close);
                        },
                        grace.toNanos(),
                        TimeUnit.NANOSECONDS);
        bound.closeFuture().addListener(closed -> timer.cancel(false));
        return bound.closeFuture();
    }
}
