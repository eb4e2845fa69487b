package dev.ugate.discovery.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.model.HostPort;
import dev.ugate.model.Resolution;
import io.netty.channel.EventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUringDatagramChannel;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringSocketChannel;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The same lookups on every I/O backend. */
class BackendsTest {
    enum Backend {
        NIO(NioIoHandler::newFactory, loop -> new Wire(loop, NioDatagramChannel::new, NioSocketChannel::new)),
        EPOLL(EpollIoHandler::newFactory, loop -> new Wire(loop, EpollDatagramChannel::new, EpollSocketChannel::new)),
        IO_URING(
                IoUringIoHandler::newFactory,
                loop -> new Wire(loop, IoUringDatagramChannel::new, IoUringSocketChannel::new));

        private final Supplier<IoHandlerFactory> handler;
        private final Function<EventLoop, Wire> wire;

        Backend(Supplier<IoHandlerFactory> handler, Function<EventLoop, Wire> wire) {
            this.handler = handler;
            this.wire = wire;
        }
    }

    @ParameterizedTest
    @EnumSource
    void asksOverUdpAndTcpAndNoticesAClosedPort(Backend backend) throws Exception {
        MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, backend.handler.get());
        ScriptedDns closed = new ScriptedDns();
        InetSocketAddress gone = closed.address();
        closed.close();
        try (ScriptedDns server = new ScriptedDns()) {
            Wire wire = backend.wire.apply(group.next());
            DnsOptions options = Rig.options().asking(List.of(gone, server.address()), Duration.ofMinutes(1));
            Dns dns = new Dns(options, wire, Runnable::run, System::nanoTime);
            server.on("db.test", reply -> {
                reply.cut = !reply.tcp;
                reply.address("db.test", 60, "10.0.0.1").address("db.test", 60, "fd00::1");
            });
            assertThat(Rig.texts(resolve(dns, "db.test"))).containsExactly("fd00::1", "10.0.0.1");
            assertThat(server.asked()).contains("tcp A db.test", "tcp AAAA db.test");

            Dns lost = new Dns(
                    options.asking(List.of(gone), Duration.ofMinutes(1)), wire, Runnable::run, System::nanoTime);
            assertThatThrownBy(() -> resolve(lost, "db.test")).hasMessageContaining("refused");
        } finally {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    private static Resolution resolve(Dns dns, String host) throws Exception {
        return dns.resolve(new HostPort(host, 443))
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS)
                .orElseThrow();
    }
}
