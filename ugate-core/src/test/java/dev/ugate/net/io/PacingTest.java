package dev.ugate.net.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.net.Loops;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.unix.RawUnixChannelOption;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class PacingTest {
    /** TCP_CONGESTION, in the 16 octets (TCP_CA_NAME_MAX) of the longest name. */
    private static final RawUnixChannelOption NAME = new RawUnixChannelOption("NAME", 6, 13, 16);

    private static String congestionControl(Channel socket) {
        ByteBuffer name = socket.config().getOption(NAME);
        return StandardCharsets.US_ASCII.decode(name).toString().replace("\0", "");
    }

    private static String system() throws Exception {
        return Files.readString(Path.of("/proc/sys/net/ipv4/tcp_congestion_control"))
                .strip();
    }

    @ParameterizedTest
    @CsvSource({"bbr, true", "bbr2, true", "cubic, false", "reno, false", "dctcp, false"})
    void bbrPaces(String congestionControl, boolean paced) {
        assertThat(Pacing.isPaced(congestionControl)).isEqualTo(paced);
    }

    @ParameterizedTest
    @EnumSource(
            value = Loops.Backend.class,
            names = {"EPOLL", "IO_URING"})
    void bothEndsOfLoopbackAreSpared(Loops.Backend backend) throws Exception {
        Loops loops = Loops.start(backend, 1);
        try {
            CompletableFuture<Channel> accepted = new CompletableFuture<>();
            InetSocketAddress any = new InetSocketAddress("127.0.0.1", 0);
            Channel server = new ServerBootstrap()
                    .group(loops.group())
                    .channelFactory(loops.server(any))
                    .childHandler(new ChannelInitializer<Channel>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            accepted.complete(channel);
                        }
                    })
                    .bind(any)
                    .sync()
                    .channel();
            Channel dialled = new Bootstrap()
                    .group(loops.group())
                    .channelFactory(loops.stream(server.localAddress()))
                    .handler(new ChannelInboundHandlerAdapter())
                    .connect(server.localAddress())
                    .sync()
                    .channel();
            String spared = Pacing.isPaced(system()) ? "reno" : system();
            assertThat(congestionControl(dialled)).isEqualTo(spared);
            assertThat(congestionControl(accepted.get(10, TimeUnit.SECONDS))).isEqualTo(spared);
        } finally {
            loops.stop(1).awaitUninterruptibly(5_000);
        }
    }

    @Test
    void otherSocketsAreTheSystems() throws Exception {
        Loops loops = Loops.start(Loops.Backend.EPOLL, 1);
        try {
            Channel dialled =
                    loops.stream(new InetSocketAddress("192.0.2.1", 443)).newChannel();
            assertThat(congestionControl(dialled)).isEqualTo(system());
            dialled.unsafe().closeForcibly();
            Channel wildcard = loops.server(new InetSocketAddress("0.0.0.0", 0)).newChannel();
            assertThat(congestionControl(wildcard)).isEqualTo(system());
            wildcard.unsafe().closeForcibly();
        } finally {
            loops.stop(1).awaitUninterruptibly(5_000);
        }
    }
}
