package dev.ugate.protocols.ssh.server;

import dev.ugate.model.HostPort;
import dev.ugate.model.Identity;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.net.reverse.Bridge;
import dev.ugate.protocols.ssh.channel.Ends;
import dev.ugate.protocols.ssh.channel.Engine;
import dev.ugate.protocols.ssh.channel.Hops;
import dev.ugate.protocols.ssh.channel.Reach;
import dev.ugate.protocols.ssh.wire.Wire;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Registry;
import dev.ugate.spi.Registry.Registration;
import dev.ugate.spi.Transport;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The names of a node of our kind that keeps its connection open to be reached by them: unlike a forward, on every port, and the node hears
 * which. Asked for by a request of our own. A gateway that is to leave asks the node to go over to another connection first, and serves it
 * until it did. Lives on the connection's loop.
 */
public final class NodeNames implements Transport {
    static final String REQUEST = "names@ugate.dev";

    /** What either end says that leaves: the gateway where the node shall moor elsewhere, the node where it did, or wants no more. */
    public static final String DRAIN = "drain@ugate.dev";

    private static final int MOST_TEXT = 16 * 1024;

    private final Engine engine;
    private final List<Registration> held = new ArrayList<>();
    private Leaving leaving = Leaving.NOT;
    private @Nullable Future<?> patience;

    private enum Leaving {
        NOT,
        /** The node was asked to moor elsewhere. */
        TOLD,
        NOW
    }

    NodeNames(Engine engine) {
        this.engine = engine;
    }

    /** Asks the gateway for these names. */
    public static void ask(Engine engine, List<String> names, Consumer<Boolean> granted) {
        String all = String.join(",", names);
        engine.ask(REQUEST, 4 + 3 * all.length(), out -> Wire.string(out, all), (yes, rest) -> granted.accept(yes));
    }

    /** The node wants the names that {@code in} lists; throws {@link Refused} where it cannot have them all. */
    void take(ByteBuf in, Identity owner, Registry registry) {
        String[] names = Wire.text(in, MOST_TEXT).split(",", -1);
        release();
        try {
            held.add(registry.moor(owner, () -> engine.loop().execute(this::dismiss)));
            for (String name : names) {
                held.add(registry.register(new HostPort(name.strip(), 0).host(), owner, this));
            }
        } catch (Refused refused) {
            release();
            throw refused;
        }
    }

    private void release() {
        held.forEach(Registration::close);
        held.clear();
    }

    /** Tells the other end that this one leaves; {@code known} hears whether it knows what that means. */
    public static void leave(Engine engine, Consumer<Boolean> known) {
        engine.ask(DRAIN, 0, out -> {}, (yes, rest) -> known.accept(yes));
    }

    /** Whether the connection may begin nothing more; else the node is told, and has {@code limit} to moor elsewhere. */
    boolean leaves(Duration limit) {
        if (held.isEmpty() || leaving == Leaving.NOW) {
            return true;
        }
        if (leaving == Leaving.NOT) {
            patience = engine.loop().schedule(this::late, limit.toNanos(), TimeUnit.NANOSECONDS);
            tell();
        }
        return false;
    }

    private void tell() {
        leaving = Leaving.TOLD;
        leave(engine, known -> {
            if (!known) {
                leave();
            }
        });
    }

    /** Nobody is reached here any more: the node is told, and not waited for. */
    private void dismiss() {
        if (leaving == Leaving.NOT) {
            tell();
        }
        left();
    }

    private void late() {
        Connection node = Connection.of(engine.packets().connection());
        node.ingress().settings().journal().limited("reversePatience");
        leave();
    }

    private void leave() {
        if (leaving == Leaving.TOLD) {
            leaving = Leaving.NOW;
            forget();
            engine.drain();
        }
    }

    private void forget() {
        if (patience != null) {
            patience.cancel(false);
        }
    }

    /** The node is not reached here any more. */
    void left() {
        release();
        leave();
    }

    /** The connection is over. */
    void close() {
        forget();
        release();
    }

    @Override
    public Future<Channel> dial(Dial dial, EventLoop loop) {
        EventLoop own = engine.loop();
        return own == loop ? open(dial) : Bridge.across(own, loop, () -> open(dial));
    }

    private Future<Channel> open(Dial dial) {
        if (engine.isDraining()) {
            return engine.loop()
                    .newFailedFuture(Refused.untouched(Refusal.DRAINING, ServerConnection.WORD + ": gateway leaves"));
        }
        HostPort host = dial.endpoint().host();
        Ends ends = Ends.to(host.host(), host.port(), dial.intent().peer().remote());
        String hops = Hops.text(dial.intent());
        return Reach.ask(
                engine,
                ServerConnection.DIRECT,
                ends.size() + 4 + 3 * hops.length(),
                out -> {
                    ends.write(out);
                    Wire.string(out, hops);
                },
                dial.deadline());
    }
}
