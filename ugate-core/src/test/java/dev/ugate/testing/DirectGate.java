package dev.ugate.testing;

import dev.ugate.model.Endpoint;
import dev.ugate.model.HostPort;
import dev.ugate.model.Intent;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Timeouts;
import dev.ugate.net.Failures;
import dev.ugate.net.Relay;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Exchange;
import dev.ugate.spi.Gate;
import dev.ugate.spi.Stream;
import dev.ugate.spi.Transport;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A gate for tests with real sockets: carries each stream through one transport to the address that stands for its target. */
public final class DirectGate implements Gate {
    private final Transport transport;
    private final Map<HostPort, InetSocketAddress> hosts = new ConcurrentHashMap<>();
    private final List<Intent> intents = new CopyOnWriteArrayList<>();
    private final List<Boolean> clean = new CopyOnWriteArrayList<>();

    public DirectGate(Transport transport) {
        this.transport = transport;
    }

    /** Targets that stand nowhere are refused with DENIED. */
    public DirectGate host(HostPort target, InetSocketAddress address) {
        hosts.put(target, address);
        return this;
    }

    /** Every intent that was opened. */
    public List<Intent> intents() {
        return intents;
    }

    /** For every stream that was carried and is over, whether it ended cleanly. */
    public List<Boolean> clean() {
        return clean;
    }

    @Override
    public void enter(Channel connection) {
        throw new AssertionError("direct gate: nothing enters here");
    }

    @Override
    public void ask(Exchange exchange) {
        throw new AssertionError("direct gate: nothing is asked here");
    }

    @Override
    public void open(Stream stream) {
        intents.add(stream.intent());
        stream.channel().config().setAutoRead(false);
        InetSocketAddress address = hosts.get(stream.intent().target());
        if (address == null) {
            stream.refused(Refused.because(
                    Refusal.DENIED, "direct gate: nobody at " + stream.intent().target()));
            return;
        }
        Endpoint endpoint = Endpoint.tcp(stream.intent().target(), List.of(address));
        Dial dial = new Dial(stream.intent(), endpoint, System.nanoTime() + TimeUnit.SECONDS.toNanos(5));
        Future<Channel> way = transport.dial(dial, stream.channel().eventLoop());
        way.addListener(done -> {
            if (!done.isSuccess()) {
                stream.refused(Failures.refused(done.cause()));
                return;
            }
            Channel upstream = way.getNow();
            Relay.Pair pair = Relay.join(
                    stream.channel(), upstream, Timeouts.STANDARD, (in, out, broken) -> clean.add(broken.isEmpty()));
            stream.accepted(upstream);
            pair.start();
        });
    }
}
