package dev.ugate.app.client;

import dev.ugate.net.foreign.ForeignChannel;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** The body of a reply on its way to its subscriber, who is called on the executor, in order, and gets no more than it asked for. */
final class Download {
    private final ForeignChannel channel;
    private final Executor executor;

    // Of the channel's loop.
    private CompletableFuture<?> last = CompletableFuture.completedFuture(null);
    private long demand;
    private boolean over;

    // Of the executor's turn.
    private Flow.@Nullable Subscriber<List<ByteBuffer>> subscriber;

    Download(ForeignChannel channel, Executor executor) {
        this.channel = channel;
        this.executor = executor;
    }

    /** Runs it after everything that was run before; on the channel's loop. */
    void run(Runnable turn) {
        last = last.handleAsync(
                (done, failure) -> {
                    turn.run();
                    return null;
                },
                executor);
    }

    /** Tells the subscriber that there is a body; in a turn. */
    void begin(Flow.Subscriber<List<ByteBuffer>> given) {
        subscriber = given;
        given.onSubscribe(new Flow.Subscription() {
            @Override
            public void request(long more) {
                channel.eventLoop().execute(() -> {
                    demand = demand + more < 0 ? Long.MAX_VALUE : demand + more;
                    channel.resume();
                });
            }

            @Override
            public void cancel() {
                channel.close();
            }
        });
    }

    /** Takes all of it or nothing, borrowed. */
    int write(ByteBuf bytes) {
        int length = bytes.readableBytes();
        if (over || length == 0) {
            return length;
        }
        if (demand == 0) {
            return 0;
        }
        demand--;
        ByteBuffer copy = ByteBuffer.allocate(length);
        bytes.getBytes(bytes.readerIndex(), copy);
        ByteBuffer part = copy.flip().asReadOnlyBuffer();
        tell(to -> to.onNext(List.of(part)));
        return length;
    }

    void finish() {
        if (!over) {
            over = true;
            tell(Flow.Subscriber::onComplete);
        }
    }

    void failed(Throwable why) {
        if (!over) {
            over = true;
            tell(to -> to.onError(why));
        }
    }

    private void tell(java.util.function.Consumer<Flow.Subscriber<List<ByteBuffer>>> what) {
        run(() -> {
            if (subscriber != null) {
                what.accept(subscriber);
            }
        });
    }
}
