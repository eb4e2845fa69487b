package dev.ugate.net.reverse;

import dev.ugate.net.Failures;
import dev.ugate.net.foreign.ForeignChannel;
import dev.ugate.spi.Fin;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * A stream of another loop, lent to this one: bytes and ends cross as tasks in order, and no more of them are under way than the far
 * channel has room for.
 */
public final class Bridge implements ForeignChannel.Far {
    /** Bytes on their way to the far channel above which no more are taken; half of it lets them flow again. */
    private static final int HIGH = 256 * 1024;

    private final Channel far;
    private final ForeignChannel near;
    private List<Object> batch = new ArrayList<>(2);
    private int underWay;
    private boolean waits;

    private Bridge(Channel far) {
        this.far = far;
        this.near = new ForeignChannel(far, this);
    }

    /**
     * What {@code dial} comes to on its {@code own} loop, as a channel of {@code loop}; as in {@link dev.ugate.spi.Transport#dial}. Called on
     * {@code loop}.
     */
    public static Future<Channel> across(EventLoop own, EventLoop loop, Supplier<Future<Channel>> dial) {
        Promise<Channel> promise = loop.newPromise();
        own.execute(() -> {
            if (promise.isDone()) {
                return;
            }
            Future<Channel> way = dial.get();
            promise.addListener(done -> {
                if (done.isCancelled()) {
                    own.execute(() -> way.cancel(false));
                }
            });
            way.addListener(done -> {
                if (way.isSuccess()) {
                    lend(way.getNow(), loop, promise);
                } else {
                    promise.tryFailure(Failures.refused(way.cause()));
                }
            });
        });
        return promise;
    }

    private static void lend(Channel far, EventLoop loop, Promise<Channel> promise) {
        Bridge bridge = new Bridge(far);
        far.pipeline().addLast(new Arrivals(bridge.near, loop));
        loop.execute(() -> {
            loop.register(bridge.near);
            if (!promise.trySuccess(bridge.near)) {
                bridge.near.close();
            }
        });
    }

    // Called on the near loop.

    @Override
    public int write(ByteBuf bytes) {
        if (underWay >= HIGH) {
            waits = true;
            return 0;
        }
        int length = bytes.readableBytes();
        underWay += length;
        // Its own reference: the far channel releases what it writes, the near one what it gave.
        batch.add(bytes.retainedSlice());
        return length;
    }

    @Override
    public void finish(Fin fin) {
        batch.add(fin);
    }

    @Override
    public void flush() {
        if (batch.isEmpty()) {
            return;
        }
        List<Object> messages = batch;
        batch = new ArrayList<>(2);
        far.eventLoop().execute(() -> {
            for (Object message : messages) {
                write(message);
            }
            far.flush();
        });
    }

    @Override
    public void read() {
        far.eventLoop().execute(far::read);
    }

    @Override
    public void close() {
        batch.forEach(ReferenceCountUtil::release);
        batch.clear();
        far.eventLoop().execute(far::close);
    }

    private void arrived(int length) {
        underWay -= length;
        if (waits && underWay <= HIGH / 2) {
            waits = false;
            near.resume();
        }
    }

    // Called on the far loop.

    private void write(Object message) {
        int length = message instanceof ByteBuf bytes ? bytes.readableBytes() : 0;
        far.write(message).addListener((ChannelFuture written) -> {
            if (!written.isSuccess()) {
                near.eventLoop().execute(near::lost);
            } else if (length > 0) {
                near.eventLoop().execute(() -> arrived(length));
            }
        });
    }

    /** What the far channel reads. */
    private static final class Arrivals extends ChannelInboundHandlerAdapter {
        private final ForeignChannel near;
        private final EventLoop loop;
        private boolean ended;

        Arrivals(ForeignChannel near, EventLoop loop) {
            this.near = near;
            this.loop = loop;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ended |= message instanceof Fin;
            near.deliver(message);
        }

        /** A channel that ended in order is closed by who reads the end: bytes may still wait for that. */
        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            if (!ended) {
                loop.execute(near::lost);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
