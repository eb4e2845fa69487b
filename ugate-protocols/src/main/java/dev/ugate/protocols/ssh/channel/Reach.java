package dev.ugate.protocols.ssh.channel;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A channel that this side asks for, until the peer answers: what comes of it is a channel as a transport dials it. */
public final class Reach implements Owner {
    private final SshChannel channel;
    private final Promise<Channel> promise;

    private Reach(SshChannel channel) {
        this.channel = channel;
        this.promise = channel.engine().loop().newPromise();
    }

    /**
     * As {@link dev.ugate.spi.Transport#dial}, on the connection's loop; {@code rest} writes at most {@code size} bytes that the type says more,
     * {@code deadline} is a {@code System.nanoTime()} value.
     */
    public static Future<Channel> ask(Engine engine, String type, int size, Consumer<ByteBuf> rest, long deadline) {
        SshChannel channel = engine.open(type, size, rest);
        Reach reach = new Reach(channel);
        channel.owner(reach);
        reach.await(deadline);
        return reach.promise;
    }

    private void await(long deadline) {
        var timer = channel.engine()
                .loop()
                .schedule(
                        () -> promise.tryFailure(
                                Refused.because(Refusal.TIMED_OUT, "limit connect: no answer in time")),
                        Math.max(0, deadline - System.nanoTime()),
                        TimeUnit.NANOSECONDS);
        promise.addListener(done -> {
            timer.cancel(false);
            if (!done.isSuccess()) {
                channel.child().close();
            }
        });
    }

    @Override
    public void opened() {
        promise.trySuccess(channel.child());
    }

    @Override
    public void refused(Refused why) {
        promise.tryFailure(why);
    }
}
