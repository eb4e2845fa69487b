package dev.ugate.net.reverse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ugate.net.foreign.ForeignChannel;
import dev.ugate.spi.Fin;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A stream of one loop on another: bytes, ends and breaks cross in order, and a far end that takes nothing is not flooded. */
final class BridgeTest {
    private final EventLoop own = new DefaultEventLoop();
    private final EventLoop loop = new DefaultEventLoop();
    private final Owner owner = new Owner();
    private final ForeignChannel far = new ForeignChannel(null, owner);
    private final List<Object> heard = new CopyOnWriteArrayList<>();

    /** Whoever owns the far channel: takes bytes while there is room. */
    private static final class Owner implements ForeignChannel.Far {
        final AtomicInteger room = new AtomicInteger(Integer.MAX_VALUE);
        final AtomicInteger taken = new AtomicInteger();
        final List<Object> ends = new CopyOnWriteArrayList<>();
        volatile boolean reads;
        volatile boolean closed;

        @Override
        public int write(ByteBuf bytes) {
            int part = Math.min(bytes.readableBytes(), room.get());
            room.addAndGet(-part);
            taken.addAndGet(part);
            return part;
        }

        @Override
        public void finish(Fin fin) {
            ends.add(fin);
        }

        @Override
        public void read() {
            reads = true;
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private Channel near() throws Exception {
        own.register(far).sync();
        Future<Channel> way = loop.submit(() -> Bridge.across(own, loop, () -> own.newSucceededFuture(far)))
                .get();
        Channel near = way.sync().getNow();
        assertThat(near.eventLoop()).isSameAs(loop);
        near.pipeline().addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                heard.add(message instanceof ByteBuf bytes ? bytes.readableBytes() : message);
                io.netty.util.ReferenceCountUtil.release(message);
            }

            @Override
            public void channelInactive(ChannelHandlerContext ctx) {
                heard.add("gone");
            }
        });
        return near;
    }

    @AfterEach
    void stop() {
        own.shutdownGracefully(0, 1, java.util.concurrent.TimeUnit.SECONDS);
        loop.shutdownGracefully(0, 1, java.util.concurrent.TimeUnit.SECONDS);
    }

    private static ByteBuf bytes(int length) {
        return Unpooled.buffer(length).writerIndex(length);
    }

    @Test
    void bytesAndEndsCrossInOrder() throws Exception {
        Channel near = near();
        near.config().setAutoRead(true);
        await().until(() -> owner.reads);
        far.deliver(bytes(10));
        far.deliver(bytes(20));
        far.deliver(Fin.FIN);
        await().until(() -> heard.size() == 3);
        assertThat(heard).containsExactly(10, 20, Fin.FIN);

        near.write(bytes(30));
        near.writeAndFlush(Fin.FIN);
        await().until(() -> owner.ends.size() == 1);
        assertThat(owner.taken).hasValue(30);
        near.close();
        await().until(() -> owner.closed);
    }

    @Test
    void aFarEndThatTakesNothingIsNotFlooded() throws Exception {
        owner.room.set(0);
        Channel near = near();
        List<Future<?>> written = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            written.add(near.writeAndFlush(bytes(16 * 1024)));
        }
        await().until(() -> written.get(0).isDone());
        assertThat(written.stream().filter(Future::isDone).count())
                .as("256 KiB of a MiB are under way, the rest waits with its writer")
                .isEqualTo(16);
        owner.room.set(Integer.MAX_VALUE);
        far.resume();
        await().until(() -> owner.taken.get() == 64 * 16 * 1024);
        near.close();
    }

    @Test
    void aBreakCrossesAndAnEndIsLeftToItsReader() throws Exception {
        near();
        far.close();
        await().until(() -> heard.contains("gone"));
    }

    @Test
    void whatWasReadBeforeTheEndIsNotLostWithTheFarChannel() throws Exception {
        Channel near = near();
        near.read();
        await().until(() -> owner.reads);
        own.execute(() -> {
            far.offer(bytes(10));
            far.offer(Fin.FIN);
            far.ready();
        });
        await().until(() -> !heard.isEmpty());
        own.submit(() -> far.close()).sync();
        near.read();
        await().until(() -> heard.contains(Fin.FIN));
        assertThat(heard).containsExactly(10, Fin.FIN);
        near.close();
    }

    @Test
    void aDialThatIsCancelledIsCancelledOverThere() throws Exception {
        io.netty.util.concurrent.Promise<Channel> never = own.newPromise();
        Future<Channel> way =
                loop.submit(() -> Bridge.across(own, loop, () -> never)).get();
        own.submit(() -> null).sync();
        way.cancel(false);
        await().until(never::isCancelled);
    }
}
