package dev.ugate.app.client;

import dev.ugate.net.ForeignChannel;
import dev.ugate.spi.Fin;
import java.net.http.HttpRequest;
import java.nio.ByteBuffer;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The body of a request on its way from its publisher into the channel: one buffer for each time the channel wants to read. */
final class Upload implements Flow.Subscriber<ByteBuffer> {
    private final ForeignChannel channel;
    private final HttpRequest.BodyPublisher publisher;
    private final Consumer<Throwable> failed;
    private Flow.@Nullable Subscription subscription;
    private boolean begun;

    /** {@code failed} is told when the publisher cannot go on; on any thread. */
    Upload(ForeignChannel channel, HttpRequest.BodyPublisher publisher, Consumer<Throwable> failed) {
        this.channel = channel;
        this.publisher = publisher;
        this.failed = failed;
    }

    /** The channel has delivered everything; on its loop. */
    void wanted() {
        if (!begun) {
            begun = true;
            publisher.subscribe(this);
        } else if (subscription != null) {
            subscription.request(1);
        }
    }

    /** Nobody wants the rest; on the channel's loop. */
    void cancel() {
        begun = true;
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
