package dev.ugate.protocols.ssh.client;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.net.pool.Shared;
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
final class ClientConnection implements Role, Shared<ClientConnection> {
    /** Less than a server of our kind takes: those that are ending count there, too. */
    static final int MOST = 100;

    private static final String TYPE = "direct-tcpip";

    private final Shared.Keeper<ClientConnection> keeper;
    private @Nullable Engine engine;
    private long idleSince;
    private int reserved;
    private boolean over;
    private State state = State.NEW;

    /** What the keeper knows of it. */
    private enum State {
        NEW,
        FREE,
        FULL,
        GONE
    }

    /** {@code keeper} hears of it from {@link #begin} on. */
    ClientConnection(Shared.Keeper<ClientConnection> keeper) {
        this.keeper = keeper;
    }

    @Override
    public void begun(Engine open) {
        engine = open;
        idleSince = open.loop().ticker().nanoTime();
    }

    @Override
    public void begin() {
        if (state == State.NEW) {
            state = State.FREE;
        }
        if (isOver()) {
            gone();
        }
    }

    private boolean isOver() {
        return engine == null || over || engine.isDraining();
    }

    @Override
    public int places() {
        return state == State.GONE || isOver()
                ? 0
                : MOST - reserved - Objects.requireNonNull(engine).live();
    }

    /** Itself: {@link #tunnel} takes the place, {@link #giveBack} does not. */
    @Override
    public ClientConnection lease() {
        reserved++;
        if (places() == 0 && state == State.FREE) {
            state = State.FULL;
        }
        return this;
    }

    /** Nobody wants the place any more. */
    void giveBack() {
        reserved--;
        changed();
    }

    @Override
    public long idleSince() {
        return engine == null || engine.live() + reserved > 0 ? Long.MAX_VALUE : idleSince;
    }

    /** A stream to the host of the dial's endpoint, as the server sees it, in a place that was leased. */
    Future<Channel> tunnel(Dial dial) {
        reserved--;
        Future<Channel> opened = ask(dial);
        opened.addListener(done -> {
            if (done.cause() instanceof Refused why && why.reason() == Refusal.DRAINING && why.isUntouched()) {
                retire();
            } else if (!done.isSuccess()) {
                changed(); // The place was taken by nobody.
            }
        });
        return opened;
    }

    private Future<Channel> ask(Dial dial) {
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

    @Override
    public void retire() {
        if (!isOver()) {
            Objects.requireNonNull(engine).drain();
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
        if (state == State.FULL && places() > 0) {
            state = State.FREE;
            keeper.freed(this);
        }
    }

    @Override
    public void draining() {
        gone();
    }

    @Override
    public void closed(Violation why) {
        over = true;
        gone();
    }

    private void gone() {
        boolean known = state == State.FREE || state == State.FULL;
        if (state != State.NEW) {
            state = State.GONE;
        }
        if (known) {
            keeper.gone(this);
        }
    }
}
