package dev.ugate.app.client;

import dev.ugate.net.foreign.ForeignChannel;
import dev.ugate.spi.Fin;
import java.net.http.HttpRequest;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request on its way from its publisher into the channel: one buffer for each time the channel wants to read. Where the
 * server was asked whether it wants the body, that waits for its word (RFC 9110 §10.1.1).
 */
final class Upload implements Flow.Subscriber<ByteBuffer> {
    /** Servers may know nothing of expectations; curl waits as long for them. */
    private static final long PATIENCE_MILLIS = 1000;

    private final ForeignChannel channel;
    private final HttpRequest.BodyPublisher publisher;
    private final Consumer<Throwable> failed;
    private Flow.@Nullable Subscription subscription;
    private @Nullable Future<?> patience;
    private boolean waits;
    private long patienceMillis = PATIENCE_MILLIS;
    private boolean begun;

    /** {@code failed} is told when the publisher cannot go on; on any thread. */
    Upload(ForeignChannel channel, HttpRequest.BodyPublisher publisher, Consumer<Throwable> failed) {
        this.channel = channel;
        this.publisher = publisher;
        this.failed = failed;
    }

    /** The server is asked first, and has less time for its word than a silent body has; before anything is wanted. */
    Upload waiting(Duration idle) {
        waits = true;
        patienceMillis = Math.min(PATIENCE_MILLIS, idle.toMillis() / 2);
        return this;
    }

    /** The server wants the body, or said nothing for too long; on the channel's loop. */
    void proceed() {
        waits = false;
        Future<?> due = patience;
        if (due != null) {
            patience = null;
            due.cancel(false);
            wanted();
        }
    }

    /** The server answered; on the channel's loop. A body that it did not ask for is not sent. */
    void answered() {
        if (waits) {
            cancel();
        }
    }

    /** The channel has delivered everything; on its loop. */
    void wanted() {
        if (waits) {
            // The head went out: who sends it reads its body next.
            if (patience == null) {
                patience = channel.eventLoop().schedule(this::proceed, patienceMillis, TimeUnit.MILLISECONDS);
            }
        } else if (!begun) {
            begun = true;
            publisher.subscribe(this);
        } else if (subscription != null) {
            subscription.request(1);
        }
    }

    /** Nobody wants the rest; on the channel's loop. */
    void cancel() {
        begun = true;
        waits = false;
        if (patience != null) {
            patience.cancel(false);
        }
        if (subscription != null) {
            subscription.cancel();
        }
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        channel.eventLoop().execute(() -> {
            subscription = given;
            given.request(1);
        });
    }

    @Override
    public void onNext(ByteBuffer part) {
        channel.deliver(channel.alloc().buffer(Math.max(1, part.remaining())).writeBytes(part));
    }

    @Override
    public void onError(Throwable failure) {
        failed.accept(failure);
    }

    @Override
    public void onComplete() {
        channel.deliver(Fin.FIN);
    }
}
