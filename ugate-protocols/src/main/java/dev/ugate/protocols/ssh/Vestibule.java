package dev.ugate.protocols.ssh;

import dev.ugate.protocols.ssh.kex.Link;
import dev.ugate.protocols.ssh.wire.Layer;
import dev.ugate.protocols.ssh.wire.Packets;
import dev.ugate.protocols.ssh.wire.Violation;
import dev.ugate.spi.Connection;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Where a client stands until it is logged in: for so long and no longer, and an end there is told to the journal (L50). */
final class Vestibule implements Layer {
    private final Connection connection;
    private @Nullable Layer guard;
    private @Nullable Link link;
    private @Nullable Future<?> deadline;
    private boolean inside;

    Vestibule(Connection connection) {
        this.connection = connection;
    }

    /** Who lets the client in. */
    void guard(Layer one) {
        guard = one;
    }

    private Layer guard() {
        return Objects.requireNonNull(guard);
    }

    /** Lets the client in here. */
    void begin(Link made) {
        link = made;
        Channel channel = made.connection();
        Duration grace = connection.ingress().settings().limits().ssh().sshGrace();
        deadline = channel.eventLoop()
                .schedule(
                        () -> late(made, grace),
                        grace.toNanos(),
                        TimeUnit.NANOSECONDS);
        channel.pipeline().addLast(made);
    }

    private void late(Link made, Duration grace) {
        if (!inside) {
            made.disconnect(Violation.late("limit sshGrace", "no login within " + grace.toMillis() + "ms"));
        }
    }

    /** The line that the client began with. */
    String version() {
        return link == null ? "" : link.peerVersion();
    }

    /** The client is logged in. */
    void leave() {
        inside = true;
        if (deadline != null) {
            deadline.cancel(false);
        }
    }

    @Override
    public void opened(Packets packets) {
        guard().opened(packets);
    }

    @Override
    public boolean received(int message, ByteBuf payload) {
        return guard().received(message, payload);
    }

    @Override
    public void writable() {
        guard().writable();
    }

    @Override
    public void readComplete() {
        guard().readComplete();
    }

    @Override
    public void drain() {
        guard().drain();
    }

    @Override
    public void closed(Violation why) {
        leave();
        guard().closed(why);
        connection.ingress().settings().journal().failed(connection, "ssh", why.why());
    }
}
