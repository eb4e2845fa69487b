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
        within(made, connection.ingress().settings().timeouts().handshake(), "limit handshake", "no keys");
        channel.pipeline().addLast(made);
    }

    private void within(Link made, Duration limit, String key, String what) {
        deadline = made.connection()
                .eventLoop()
                .schedule(
                        () -> made.disconnect(Violation.late(key, what + " within " + limit.toMillis() + "ms")),
                        limit.toNanos(),
                        TimeUnit.NANOSECONDS);
    }

    /** The line that the client began with. */
    String version() {
        return link == null ? "" : link.peerVersion();
    }

    /** What had to happen in time did. */
    void leave() {
        if (deadline != null) {
            deadline.cancel(false);
        }
    }

    @Override
    public void opened(Packets packets) {
        leave();
        within(
                Objects.requireNonNull(link),
                connection.ingress().settings().limits().ssh().sshGrace(),
                "limit sshGrace",
                "no login");
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
