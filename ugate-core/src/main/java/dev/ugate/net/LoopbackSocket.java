package dev.ugate.net;

import dev.ugate.model.Limits;
import dev.ugate.model.Timeouts;
import dev.ugate.net.io.DuplexFin;
import dev.ugate.net.io.Sockets;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;

/** Gives a channel to code that wants a blocking socket: a loopback connection of our own, relayed on the channel's loop. */
public final class LoopbackSocket {
    private LoopbackSocket() {}

    /**
     * Takes {@code upstream}, whose autoRead must be off, and returns a connected socket whose other end is relayed with it. Blocks;
     * not for an event loop. A stranger that connects first is turned away.
     */
    public static Socket of(Loops loops, Channel upstream, Timeouts timeouts, Limits limits) throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        Socket socket = new Socket();
        Promise<Channel> accepted = upstream.eventLoop().newPromise();
        Channel server = null;
        try {
            socket.bind(new InetSocketAddress(loopback, 0));
            server = listen(loops, upstream, socket.getLocalSocketAddress(), accepted, limits);
            socket.connect(server.localAddress(), (int) timeouts.connect().toMillis());
            if (!accepted.awaitUninterruptibly(timeouts.connect().toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException("loopback socket: not accepted within "
                        + timeouts.connect().toMillis() + "ms");
            }
            Channel near = accepted.getNow();
            upstream.eventLoop().execute(() -> join(near, upstream, timeouts));
            return socket;
        } catch (IOException | RuntimeException e) {
            socket.close();
            Reset.close(upstream);
            throw e;
        } finally {
            if (server != null) {
                server.close();
            }
        }
    }

    private static void join(Channel near, Channel upstream, Timeouts timeouts) {
        Relay.join(near, upstream, timeouts, (in, out, broken) -> {}).start();
    }

    private static Channel listen(
            Loops loops, Channel upstream, SocketAddress ours, Promise<Channel> accepted, Limits limits)
            throws IOException {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        var bound = new ServerBootstrap()
                .group(upstream.eventLoop(), upstream.eventLoop())
                .channelFactory(loops.server(any))
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        boolean stranger = !ours.equals(channel.remoteAddress());
                        channel.config().setAutoRead(false);
                        Sockets.tune(channel, limits);
                        channel.pipeline().addLast(new DuplexFin());
                        EarlyReads.on(channel);
                        if (stranger || !accepted.trySuccess(channel)) {
                            Reset.close(channel);
                        }
                    }
                })
                .bind(any)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException("loopback socket: " + bound.cause().getMessage(), bound.cause());
        }
        return bound.channel();
    }
}
