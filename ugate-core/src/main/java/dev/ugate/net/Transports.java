package dev.ugate.net;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Transport;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Every way out by its carrier word; dispatches each layer of a dial to the transport that owns the word. */
public final class Transports implements Transport {
    private final Map<String, Transport> byCarrier = new ConcurrentHashMap<>();

    /** Adds or replaces a way out; also at run time, when a long-lived connection registers itself. */
    public Transports add(String carrier, Transport transport) {
        byCarrier.put(carrier, transport);
        return this;
    }

    /** The words that can be dialled now. */
    public Set<String> carriers() {
        return Set.copyOf(byCarrier.keySet());
    }

    @Override
    public Future<Channel> dial(Dial dial, EventLoop loop) {
        String carrier = dial.carrier().name();
        Transport transport = byCarrier.get(carrier);
        if (transport == null) {
            return loop.newFailedFuture(Refused.because(
                    Refusal.NO_ROUTE, "carrier " + carrier + ": expected one of " + byCarrier.keySet()));
        }
        return transport.dial(dial, loop);
    }
}
