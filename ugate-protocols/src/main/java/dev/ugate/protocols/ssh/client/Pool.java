package dev.ugate.protocols.ssh.client;

import dev.ugate.model.Carrier;
import dev.ugate.model.Identity;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Settings;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.net.SocketAddress;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** The connections of one loop. One timer ends those that were idle for too long. */
final class Pool {
    /** How much longer than its limit an idle connection may live. */
    private static final long SWEEP_SECONDS = 5;

    private final Knock knock;
    private final Supplier<Settings> settings;
    private final Map<Key, Connections> byKey = new HashMap<>();
    private boolean sweeping;

    /**
     * Everything that must not be shared: streams that have it in common may go through one connection (T65).
     *
     * @param source who asks, where that is known
     * @param workload the identity that the connection proves to the server, where it is not the node's own
     */
    private record Key(
            List<SocketAddress> addresses,
            List<Carrier> via,
            Optional<String> identity,
            Optional<Identity> source,
            Optional<String> workload) {
        static Key of(Dial dial) {
            return new Key(
                    dial.endpoint().addresses(),
                    dial.endpoint().via(),
                    dial.endpoint().identity(),
                    dial.intent().peer().identity(),
                    dial.workload());
        }
    }

    Pool(Knock knock, Supplier<Settings> settings) {
        this.knock = knock;
        this.settings = settings;
    }

    /** A connection with a place, at once where there is one. */
    Future<ClientConnection> lease(Dial dial, EventLoop loop) {
        Connections connections = byKey.computeIfAbsent(Key.of(dial), key -> new Connections(knock, settings, loop));
        beginToSweep(loop);
        return connections.lease(dial);
    }

    private void beginToSweep(EventLoop loop) {
        if (!sweeping) {
            sweeping = true;
            loop.schedule(() -> sweep(loop), SWEEP_SECONDS, TimeUnit.SECONDS);
        }
    }

    private void sweep(EventLoop loop) {
        sweeping = false;
        long before = loop.ticker().nanoTime()
                - settings.get().limits().mesh().meshIdle().toNanos();
        for (Iterator<Connections> all = byKey.values().iterator(); all.hasNext(); ) {
            Connections one = all.next();
            one.retireIdle(before);
            if (one.isEmpty()) {
                all.remove();
            }
        }
        if (!byKey.isEmpty()) {
            beginToSweep(loop);
        }
    }
}
