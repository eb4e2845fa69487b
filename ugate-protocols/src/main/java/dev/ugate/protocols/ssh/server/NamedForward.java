package dev.ugate.protocols.ssh.server;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.net.reverse.Bridge;
import dev.ugate.protocols.ssh.channel.Ends;
import dev.ugate.protocols.ssh.channel.Engine;
import dev.ugate.protocols.ssh.channel.Reach;
import dev.ugate.protocols.ssh.server.Forwards.Asked;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Registry.Registration;
import dev.ugate.spi.Transport;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One name of a guest and the ports that it takes there: each stream is a channel towards the guest (RFC 4254 §7.2). */
final class NamedForward implements Transport {
    private static final String NOUN = "ssh";

    private final Engine engine;
    private final Map<Integer, Asked> ports = new HashMap<>();
    private @Nullable Registration held;

    NamedForward(Engine engine) {
        this.engine = engine;
    }

    /** What keeps the name. */
    void held(Registration registration) {
        held = registration;
    }

    void add(Asked asked) {
        ports.put(asked.port(), asked);
    }

    /** Whether that was the last port, so that the name is free. */
    boolean remove(Asked asked) {
        ports.remove(asked.port());
        if (ports.isEmpty() && held != null) {
            held.close();
        }
        return ports.isEmpty();
    }

    @Override
    public Future<Channel> dial(Dial dial, EventLoop loop) {
        EventLoop own = engine.loop();
        return own == loop ? open(dial) : Bridge.across(own, loop, () -> open(dial));
    }

    private Future<Channel> open(Dial dial) {
        int port = dial.endpoint().host().port();
        Asked asked = ports.get(port);
        if (asked == null) {
            asked = ports.get(Forwards.ANY_PORT);
        }
        if (asked == null || engine.isDraining()) {
            return engine.loop()
                    .newFailedFuture(Refused.untouched(
                            Refusal.UNREACHABLE, NOUN + ": nobody takes port " + port + " of " + dial.endpoint()));
        }
        Ends ends = Ends.to(asked.host(), asked.port(), dial.intent().peer().remote());
        return towards(engine, "forwarded-tcpip", ends.size(), ends::write, dial);
    }

    /** A channel towards the guest, as a transport dials it. */
    static Future<Channel> towards(Engine engine, String type, int size, Consumer<ByteBuf> rest, Dial dial) {
        Promise<Channel> promise = engine.loop().newPromise();
        Future<Channel> way = Reach.ask(engine, type, size, rest, dial.deadline());
        promise.addListener(done -> {
            if (done.isCancelled()) {
                way.cancel(false);
            }
        });
        way.addListener(done -> {
            if (!way.isSuccess()) {
                promise.tryFailure(named(way.cause()));
            } else if (!promise.trySuccess(way.getNow())) {
                way.getNow().close();
            }
        });
        return promise;
    }

    private static Throwable named(Throwable cause) {
        return cause instanceof Refused refused ? refused.in(NOUN) : cause;
    }
}
