package dev.ugate.net.udp;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.net.Failures;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Transport;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** The carrier {@code udp}: a socket connected to the first address of an endpoint, since nothing tells which address answers. */
public final class UdpTransport implements Transport {
    @Override
    public Future<Channel> dial(Dial dial, EventLoop loop) {
        Promise<Channel> promise = loop.newPromise();
        for (SocketAddress address : dial.endpoint().addresses()) {
            if (address instanceof InetSocketAddress inet && !inet.isUnresolved()) {
                connect(inet, loop, promise);
                return promise;
            }
        }
        return promise.setFailure(Refused.because(Refusal.UNRESOLVED, "udp " + dial.endpoint() + ": no address"));
    }

    private static void connect(InetSocketAddress address, EventLoop loop, Promise<Channel> promise) {
        Channel channel;
        try {
            channel = Datagrams.socketOn(loop);
        } catch (RuntimeException e) {
            Throwable root = e.getCause() == null ? e : e.getCause();
            promise.setFailure(Refused.because(
                    Refusal.OVERLOADED, "udp socket: " + Failures.refused(root).text()));
            return;
        }
        channel.config().setAutoRead(false);
        channel.pipeline().addLast(new Datagrams());
        loop.register(channel).addListener(registered -> {
            if (registered.isSuccess()) {
                channel.connect(address)
                        .addListener((ChannelFuture connected) -> finished(connected, address, promise));
            } else {
                channel.close();
                promise.tryFailure(Failures.refused(registered.cause()).in("udp " + address));
            }
        });
    }

    private static void finished(ChannelFuture connected, InetSocketAddress address, Promise<Channel> promise) {
        if (!connected.isSuccess()) {
            connected.channel().close();
            promise.tryFailure(Failures.refused(connected.cause()).in("udp " + address));
        } else if (!promise.trySuccess(connected.channel())) {
            connected.channel().close();
        }
    }
}
