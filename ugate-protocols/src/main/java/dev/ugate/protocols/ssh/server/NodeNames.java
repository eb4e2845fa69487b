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
import dev.ugate.spi.Dial;
import dev.ugate.spi.Registry;
import dev.ugate.spi.Registry.Registration;
import dev.ugate.spi.Transport;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The names of a node of our kind that keeps its connection open to be reached by them: unlike a forward, on every port, and the node hears
 * which. Asked for by a request of our own.
 */
public final class NodeNames implements Transport {
    static final String REQUEST = "names@ugate.dev";

    private static final int MOST_TEXT = 16 * 1024;

    private final Engine engine;
    private final List<Registration> held = new ArrayList<>();

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
            held.add(registry.moor(owner));
            for (String name : names) {
                held.add(registry.register(new HostPort(name.strip(), 0).host(), owner, this));
            }
        } catch (Refused refused) {
            release();
            throw refused;
        }
    }

    /** Nobody is reached here any more. */
    void release() {
        held.forEach(Registration::close);
        held.clear();
    }

    @Override
    public Future<Channel> dial(Dial dial, EventLoop loop) {
        EventLoop own = engine.loop();
        return own == loop ? open(dial) : Bridge.across(own, loop, () -> open(dial));
    }

    private Future<Channel> open(Dial dial) {
        if (engine.isDraining()) {
            return engine.loop()
                    .newFailedFuture(Refused.because(Refusal.DRAINING, ServerConnection.WORD + ": gateway leaves"));
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
