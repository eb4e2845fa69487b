package dev.ugate.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Limits;
import dev.ugate.net.io.DuplexFin;
import dev.ugate.net.io.Sockets;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.function.Consumer;

/** A listening socket on a loop of its own, of one backend; what it accepts is tuned as the sockets of a gate are. */
final class Accepting implements AutoCloseable {
    private final Loops loops;
    private final Channel server;

    Accepting(Loops.Backend backend, Consumer<Channel> each) throws InterruptedException {
        loops = Loops.start(backend, 1);
        assertThat(loops.backend()).isEqualTo(backend);
        InetSocketAddress any = new InetSocketAddress("127.0.0.1", 0);
        server = new ServerBootstrap()
                .group(loops.group())
                .channelFactory(loops.server(any))
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel accepted) {
                        Sockets.tune(accepted, Limits.STANDARD);
                        accepted.pipeline().addLast(new DuplexFin());
                        each.accept(accepted);
                    }
                })
                .bind(any)
                .sync()
                .channel();
    }

    SocketAddress address() {
        return server.localAddress();
    }

    /** Octets up to the end, however it comes. */
    static long count(InputStream in) {
        long total = 0;
        byte[] chunk = new byte[64 * 1024];
        try {
            for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
                total += n;
            }
        } catch (IOException broken) {
            return total;
        }
        return total;
    }

    @Override
    public void close() {
        loops.stop(1).awaitUninterruptibly(5_000);
    }
}
