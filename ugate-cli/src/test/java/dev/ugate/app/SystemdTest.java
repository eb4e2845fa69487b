package dev.ugate.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.ugate.net.Loops;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.unix.DomainDatagramPacket;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** sd_notify(3), with a manager played here. */
final class SystemdTest {
    @TempDir
    Path folder;

    private final Loops loops = Loops.start(Loops.Backend.EPOLL, 1);
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

    @AfterEach
    void stop() {
        loops.stop(1).awaitUninterruptibly(5_000);
    }

    private void manager(String path) {
        new Bootstrap()
                .group(loops.group())
                .channel(EpollDomainDatagramChannel.class)
                .handler(new SimpleChannelInboundHandler<DomainDatagramPacket>() {
                    @Override
                    protected void channelRead0(ChannelHandlerContext ctx, DomainDatagramPacket said) {
                        heard.add(said.content().toString(StandardCharsets.UTF_8));
                    }
                })
                .bind(new DomainSocketAddress(path))
                .syncUninterruptibly();
    }

    @Test
    void theManagerHears() throws InterruptedException {
        String path = folder.resolve("notify").toString();
        manager(path);
        Systemd.tell(path, "READY=1");
        assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo("READY=1");
    }

    @Test
    void anAbstractNameBeginsWithAnAt() throws InterruptedException {
        String name = "ugate-" + ProcessHandle.current().pid() + "-" + System.nanoTime();
        manager("\0" + name);
        Systemd.tell("@" + name, "STOPPING=1");
        assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo("STOPPING=1");
    }

    @Test
    void nobodyListens() {
        assertThatCode(() -> {
                    Systemd.tell(folder.resolve("none").toString(), "READY=1");
                    Systemd.tell("", "READY=1");
                    Systemd.tell(null, "READY=1");
                })
                .doesNotThrowAnyException();
    }
}
