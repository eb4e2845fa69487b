package dev.ugate.net.udp;

import dev.ugate.model.Intent;
import dev.ugate.model.Refused;
import dev.ugate.net.foreign.ForeignChannel;
import dev.ugate.spi.Fin;
import dev.ugate.spi.Gate;
import dev.ugate.spi.Stream;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One client's datagrams to one target, as a stream. Ends after a minute of silence. */
final class Flow<K> implements Stream, ForeignChannel.Far {
    /** Datagrams that wait while the target is dialled or cannot take more. */
    private static final int QUEUE = 64;

    // Idle 60 s (decision 5), seen in steps so that a datagram costs no timer; a refused flow is judged anew after one
    // step.
    private static final int TICK_SECONDS = 15;
    private static final int IDLE_TICKS = 4;

    private final Flows<K> flows;
    private final K key;
    private final Client<K> client;
    private final Intent intent;
    private final ForeignChannel channel;
    private @Nullable Channel upstream;
    private @Nullable Future<?> timer;
    private int quiet;
    private boolean refused;

    Flow(Flows<K> flows, K key, Client<K> client, Channel owner) {
        this.flows = flows;
        this.key = key;
        this.client = client;
        this.intent = client.intent(key);
        this.channel = new ForeignChannel(owner, this);
        client.connection(key).on(channel);
        owner.eventLoop().register(channel);
        channel.closeFuture().addListener(closed -> gone());
    }

    void begin(Gate gate) {
        timer = channel.eventLoop().scheduleAtFixedRate(this::tick, TICK_SECONDS, TICK_SECONDS, TimeUnit.SECONDS);
        gate.open(this);
    }

    /** Takes one datagram of the client. */
    void deliver(ByteBuf payload) {
        quiet = 0;
        if (refused) {
            flows.drop();
            payload.release();
            return;
        }
        if (channel.waiting() >= QUEUE) {
            flows.refuse(key, "udpQueue");
            payload.release();
            return;
        }
        flows.carriedOne();
        channel.deliver(upstream == null ? exact(payload) : payload);
    }

    /** What waits for long must not hold the buffer of the longest datagram. */
    private static ByteBuf exact(ByteBuf payload) {
        ByteBuf copy = payload.alloc().buffer(payload.readableBytes()).writeBytes(payload);
        payload.release();
        return copy;
    }

    private void tick() {
        if (refused) {
            forget();
        } else if (++quiet >= IDLE_TICKS) {
            end();
        }
    }

    /** Ends as a client does that has nothing more to say: what was carried ends cleanly, what was not is abandoned. */
    void end() {
        if (upstream != null) {
            channel.deliver(Fin.FIN);
        }
        channel.eventLoop().execute(channel::close);
        if (refused) {
            forget();
        }
    }

    private void gone() {
        if (!refused) {
            forget();
        }
    }

    private void forget() {
        flows.forget(key);
        if (timer != null) {
            timer.cancel(false);
        }
    }

    @Override
    public Intent intent() {
        return intent;
    }

    @Override
    public Channel channel() {
        return channel;
    }

    @Override
    public void accepted(Channel dialled) {
        upstream = dialled;
    }

    /** UDP has no words for it: datagrams to a refused target vanish, and it is not judged again for each of them. */
    @Override
    public void refused(Refused why) {
        refused = channel.isOpen();
        channel.close();
    }

    @Override
    public int write(ByteBuf bytes) {
        quiet = 0;
        if (upstream != null && client.send(key, upstream, bytes)) {
            flows.carriedOne();
        } else {
            flows.drop();
        }
        return bytes.readableBytes();
    }

    @Override
    public void finish(Fin fin) {
        channel.eventLoop().execute(channel::close);
    }

    @Override
    public void read() {
        // Datagrams come when they come; the queue bounds them.
    }

    @Override
    public void close() {
        // closeFuture tells the table.
    }
}
