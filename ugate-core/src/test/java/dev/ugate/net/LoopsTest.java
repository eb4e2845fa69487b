package dev.ugate.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ugate.testing.Joined;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class LoopsTest {
    private static final int RESETS = 20;

    private final Loops loops = Loops.start(Loops.Backend.NIO, 2);
    private final Promise<String> first = loops.next().newPromise();
    private final Promise<Void> second = loops.next().newPromise();

    @AfterEach
    void stop() {
        loops.stop(1).awaitUninterruptibly(5, TimeUnit.SECONDS);
    }

    private static void ends(Future<?> future) {
        assertThat(future.awaitUninterruptibly(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void allAreDoneWithTheLast() {
        Future<?> all = loops.all(List.of(first, second));
        second.setSuccess(null);
        ends(second);
        assertThat(all.isDone()).isFalse();
        first.setSuccess("done");
        ends(all);
        assertThat(all.isSuccess()).isTrue();
    }

    @Test
    void allHaveFailedWhereOneFailedWhenTheRestIsDone() {
        Future<?> all = loops.all(List.of(first, second));
        IllegalStateException why = new IllegalStateException("told");
        first.setFailure(why);
        assertThat(all.isDone()).isFalse();
        second.setSuccess(null);
        ends(all);
        assertThat(all.cause()).isSameAs(why);
    }

    @Test
    void noneAreDoneAtOnce() {
        Future<?> all = loops.all(List.of());
        ends(all);
        assertThat(all.isSuccess()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void aBackendThatIsThereIsUsed(Loops.Backend wanted) {
        Loops started = Loops.start(wanted, 1);
        try {
            boolean there = Loops.isAvailable(wanted);
            assertThat(started.backend() == wanted).isEqualTo(there);
            assertThat(started.denied().isPresent()).isEqualTo(wanted == Loops.Backend.IO_URING && !there);
        } finally {
            assertThat(started.stop(1).awaitUninterruptibly(20, TimeUnit.SECONDS))
                    .isTrue();
        }
    }

    /** Netty's own loops leave sockets open that they hear of their end behind, and on io_uring listeners too. */
    @ParameterizedTest
    @EnumSource
    void loopsThatEndLeaveNoSocketOpen(Loops.Backend backend) throws Exception {
        for (int i = 0; i < 10; i++) {
            Loops ending = Loops.start(backend, 1);
            InetSocketAddress any = new InetSocketAddress("127.0.0.1", 0);
            Channel server = new ServerBootstrap()
                    .group(ending.group())
                    .channelFactory(ending.server(any))
                    .childHandler(new ChannelInboundHandlerAdapter())
                    .bind(any)
                    .sync()
                    .channel();
            InetSocketAddress at = (InetSocketAddress) server.localAddress();
            try (Socket client = new Socket(at.getAddress(), at.getPort())) {
                client.setSoTimeout(5_000);
                client.getOutputStream().write(1);
                Promise<Void> ended = loops.next().newPromise();
                ending.next().execute(() -> ending.stop(1).addListener(done -> ended.setSuccess(null)));
                ends(ended);
                assertThatThrownBy(() -> new Socket(at.getAddress(), at.getPort()).close())
                        .isInstanceOf(ConnectException.class);
                assertThat(closes(client)).isTrue();
            }
        }
    }

    /** A poll that goes on in the kernel keeps a socket, and all that hangs on it, for as long as the process runs. */
    @ParameterizedTest
    @EnumSource
    void aSocketThatItsPeerResetIsGivenBack(Loops.Backend backend) throws Exception {
        Queue<WeakReference<Channel>> accepted = new ConcurrentLinkedQueue<>();
        Consumer<Channel> greets = channel -> {
            accepted.add(new WeakReference<>(channel));
            channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                @Override
                public void exceptionCaught(ChannelHandlerContext ctx, Throwable reset) {
                    ctx.close();
                }
            });
            channel.writeAndFlush(channel.alloc().buffer(1).writeByte(1));
        };
        try (Accepting server = new Accepting(backend, greets)) {
            for (int i = 0; i < RESETS; i++) {
                Socket client = new Socket();
                client.setSoTimeout(5_000);
                client.connect(server.address());
                assertThat(client.getInputStream().read()).isOne();
                Joined.reset(client);
            }
            assertThat(accepted).hasSize(RESETS);
            await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
                System.gc();
                assertThat(accepted).allMatch(channel -> channel.get() == null);
            });
        }
    }

    /** The kernel's timer of a loop is set, moved, let go and set again. */
    @ParameterizedTest
    @EnumSource
    void tasksForLaterAreRunWhenTheyAreDue(Loops.Backend backend) throws Exception {
        Loops sleeping = Loops.start(backend, 1);
        EventLoop loop = sleeping.next();
        Future<?> far = loop.schedule(() -> {}, 1, TimeUnit.HOURS);
        for (int i = 0; i < 5; i++) {
            long begun = System.nanoTime();
            Future<Long> later = loop.schedule(System::nanoTime, 60, TimeUnit.MILLISECONDS);
            Future<Long> sooner = loop.schedule(System::nanoTime, 20, TimeUnit.MILLISECONDS);
            Future<?> never = loop.schedule(() -> {}, 10, TimeUnit.MILLISECONDS);
            never.cancel(false);
            assertThat(sooner.get(5, TimeUnit.SECONDS) - begun).isGreaterThanOrEqualTo(20_000_000);
            assertThat(later.get(5, TimeUnit.SECONDS) - begun).isGreaterThanOrEqualTo(60_000_000);
        }
        assertThat(far.isDone()).isFalse();
        ends(sleeping.stop(1));
    }

    private static boolean closes(Socket client) throws IOException {
        try {
            return client.getInputStream().read() < 0;
        } catch (SocketTimeoutException silent) {
            return false;
        } catch (SocketException reset) {
            return true;
        }
    }

    @Test
    void theReasonIsWhatTheKernelSaid() {
        Throwable kernel = new IllegalStateException("io_uring_setup: Operation not permitted");
        assertThat(Loops.reason(new UnsatisfiedLinkError("no library").initCause(kernel)))
                .isEqualTo("io_uring_setup: Operation not permitted");
    }
}
