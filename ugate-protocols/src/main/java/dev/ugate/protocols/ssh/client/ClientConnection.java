package dev.ugate.protocols.ssh.client;

import dev.ugate.protocols.ssh.channel.Answer;
import dev.ugate.protocols.ssh.channel.Ends;
import dev.ugate.protocols.ssh.channel.Engine;
import dev.ugate.protocols.ssh.channel.Hops;
import dev.ugate.protocols.ssh.channel.Reach;
import dev.ugate.protocols.ssh.channel.Role;
import dev.ugate.protocols.ssh.channel.SshChannel;
import dev.ugate.protocols.ssh.wire.Identification;
import dev.ugate.protocols.ssh.wire.Violation;
import dev.ugate.protocols.ssh.wire.Wire;
import dev.ugate.spi.Dial;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The client's end of a connection that is logged in: a channel for each stream that goes through it. Lives on its loop. */
final class ClientConnection implements Role {
    /** Less than a server of our kind takes: those that are ending count there, too. */
    static final int MOST = 100;

    private static final String TYPE = "direct-tcpip";

    private @Nullable Engine engine;
    private @Nullable Keeper keeper;
    private long idleSince;
    private boolean over;

    /** Who lends the connection's places. */
    interface Keeper {
        /** A place came free. */
        void freed(ClientConnection connection);

        /** The connection takes no more streams. */
        void gone(ClientConnection connection);
    }

    @Override
    public void begun(Engine open) {
        engine = open;
        idleSince = open.loop().ticker().nanoTime();
    }

    /** From now on {@code lender} hears of the connection. */
    void kept(Keeper lender) {
        keeper = lender;
    }

    /** Streams that may begin now. */
    int places() {
        return engine == null || over || engine.isDraining() ? 0 : MOST - engine.live();
    }

    /** Since when nothing went through it; the loop's clock. */
    boolean isIdleSince(long before) {
        return engine != null && engine.live() == 0 && idleSince - before < 0;
    }

    /** A stream to the host of the dial's endpoint, as the server sees it. */
    Future<Channel> tunnel(Dial dial) {
        Engine open = Objects.requireNonNull(engine);
        Ends ends = Ends.to(
                dial.endpoint().host().host(),
                dial.endpoint().host().port(),
                dial.intent().peer().remote());
        if (!Identification.isOurs(open.packets().peerVersion())) {
            return Reach.ask(open, TYPE, ends.size(), ends::write, dial.deadline());
        }
        String hops = Hops.text(dial.intent());
        return Reach.ask(
                open,
                TYPE,
                ends.size() + 4 + 3 * hops.length(),
                out -> {
                    ends.write(out);
                    Wire.string(out, hops);
                },
                dial.deadline());
    }

    /** Begins nothing more, and ends with its last stream. */
    void retire() {
        if (engine != null && !over) {
            engine.drain();
        }
    }

    /** Nobody opens anything here but us. */
    @Override
    public boolean asked(String type, SshChannel channel, ByteBuf rest) {
        return false;
    }

    @Override
    public boolean asked(String name, ByteBuf rest, Answer answer) {
        return false;
    }

    @Override
    public void changed() {
        if (engine != null) {
            idleSince = engine.loop().ticker().nanoTime();
        }
        if (keeper != null && places() > 0) {
            keeper.freed(this);
        }
    }

    @Override
    public void draining() {
        if (keeper != null) {
            keeper.gone(this);
        }
    }

    @Override
    public void closed(Violation why) {
        over = true;
        if (keeper != null) {
            keeper.gone(this);
        }
    }
}
