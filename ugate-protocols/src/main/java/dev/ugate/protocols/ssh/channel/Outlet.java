package dev.ugate.protocols.ssh.channel;

import dev.ugate.net.foreign.ForeignChannel;
import dev.ugate.spi.Fin;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** What this side says on a channel, bytes of two kinds out of one window: as much as the peer takes, and when it is the channel's turn. */
final class Outlet {
    /** {@code SSH_EXTENDED_DATA_STDERR} (RFC 4254 §5.2). */
    private static final int STDERR = 1;

    private final SshChannel channel;
    private final Engine engine;
    private final Outflow flow = new Outflow();
    private @Nullable ForeignChannel errors;

    Outlet(SshChannel channel, Engine engine) {
        this.channel = channel;
        this.engine = engine;
    }

    Outflow flow() {
        return flow;
    }

    /** Sends what can be sent of {@code bytes} (borrowed) and tells how much that was. */
    int write(ByteBuf bytes, boolean data) {
        int length = bytes.readableBytes();
        if (!channel.isLive() || flow.ended() || flow.isUnwanted()) {
            if (!flow.drop(length)) {
                engine.loop().execute(channel.child()::close); // Nobody has wanted it for a long while.
            }
            return length;
        }
        int sent = 0;
        while (sent < length) {
            int part = flow.part(Math.min(length - sent, engine.turns().room(channel)));
            if (part <= 0) {
                break;
            }
            int from = bytes.readerIndex() + sent;
            if (data) {
                engine.data(channel.remote(), bytes, from, part);
            } else {
                engine.extended(channel.remote(), STDERR, bytes, from, part);
            }
            flow.sent(part);
            engine.turns().sent(part);
            sent += part;
        }
        if (sent < length && !flow.blocked()) {
            engine.turns().await(channel);
        }
        return sent;
    }

    /** More may be said. */
    void resume() {
        channel.child().resume();
        if (errors != null) {
            errors.resume();
        }
    }

    /** What is written to it is data of the kind that programs call standard error; it closes with the channel. */
    ForeignChannel errors() {
        ForeignChannel made = errors;
        if (made == null) {
            made = new ForeignChannel(engine.packets().connection(), new Errors());
            engine.loop().register(made);
            errors = made;
        }
        return made;
    }

    /** The channel is closed. */
    void close() {
        if (errors != null) {
            errors.close();
        }
    }

    private final class Errors implements ForeignChannel.Far {
        @Override
        public int write(ByteBuf bytes) {
            return Outlet.this.write(bytes, false);
        }

        @Override
        public void flush() {
            engine.flushSoon();
        }

        @Override
        public void finish(Fin fin) {}

        @Override
        public void read() {}

        @Override
        public void close() {}
    }
}
