package dev.ugate.net.reverse;

import dev.ugate.model.Carrier;
import dev.ugate.model.Discovery;
import dev.ugate.model.Endpoint;
import dev.ugate.model.HostPort;
import dev.ugate.model.Identity;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Resolution;
import dev.ugate.model.Shape;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Registry;
import dev.ugate.spi.Transport;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The names that somebody keeps a connection open for: who owns each, and the way to it. As a source of discovery it answers for them, as
 * the transport {@code reverse} it dials them. The first owner keeps a name. Shared by all loops.
 */
public final class Reverse implements Registry, Transport, Discovery {
    /** The word of the carrier and of the source. */
    public static final String WORD = "reverse";

    private static final Carrier CARRIER = new Carrier(WORD, Map.of(), true);
    private static final SocketAddress PLACE = new Place();

    private final Supplier<Terms> terms;
    private final Map<String, Held> names = new ConcurrentHashMap<>();
    private final Map<HostPort, Held> places = new ConcurrentHashMap<>();
    private final Map<String, Set<Tunnel>> tunnels = new HashMap<>();
    private final LongAdder refused = new LongAdder();
    private boolean draining;

    /** Who may own what. */
    public interface Terms {
        /** No name is owned by anybody. */
        Terms NOBODY = new Terms() {
            @Override
            public boolean allows(String name, Identity owner) {
                return false;
            }

            @Override
            public boolean reserves(String name) {
                return false;
            }

            @Override
            public int mostNames() {
                return 0;
            }

            @Override
            public int mostTunnels() {
                return 1;
            }
        };

        /** Whether this identity may be reached by that name, in lower case. */
        boolean allows(String name, Identity owner);

        /** Whether the name is one that only somebody who is connected can answer for. */
        boolean reserves(String name);

        /** Names that one identity may own at once. */
        int mostNames();

        /** Connections that one identity may keep open for its names. */
        int mostTunnels();
    }

    /** One owned name. */
    private record Held(Identity owner, Transport transport, long since) {}

    /** A name as people see it. */
    public record Row(String name, String owner, Duration age) {}

    /** Where an endpoint is that has no address we could dial. */
    private static final class Place extends SocketAddress {
        private static final long serialVersionUID = 1L;

        @Override
        public String toString() {
            return WORD;
        }
    }

    /** {@code terms} are asked at each registration. */
    public Reverse(Supplier<Terms> terms) {
        this.terms = terms;
    }

    @Override
    public Registration register(String name, Identity owner, Transport transport) {
        Held held = new Held(owner, transport, System.nanoTime());
        synchronized (tunnels) {
            check(name, owner);
            names.put(name, held);
        }
        return () -> names.remove(name, held);
    }

    @Override
    public Registration bind(HostPort place, Identity owner, Transport transport) {
        Held held = new Held(owner, transport, System.nanoTime());
        synchronized (tunnels) {
            int most = terms.get().mostNames();
            if (owned(owner) >= most) {
                throw refuse(
                        Refusal.OVERLOADED,
                        place.toString(),
                        owner,
                        "limit reverseNames: " + most + " are owned already");
            }
            if (places.putIfAbsent(place, held) != null) {
                throw refuse(Refusal.DENIED, place.toString(), owner, "taken");
            }
        }
        return () -> places.remove(place, held);
    }

    /** Throws {@link Refused} DENIED or OVERLOADED where this identity cannot have the name now. */
    private void check(String name, Identity owner) {
        Held before = names.get(name);
        if (!terms.get().allows(name, owner)) {
            throw refuse(Refusal.DENIED, name, owner, "not allowed to own it");
        }
        if (before != null && !before.owner.name().equals(owner.name())) {
            throw refuse(Refusal.DENIED, name, owner, "owned by another");
        }
        int most = terms.get().mostNames();
        if (before == null && owned(owner) >= most) {
            throw refuse(Refusal.OVERLOADED, name, owner, "limit reverseNames: " + most + " are owned already");
        }
    }

    private void bound(List<String> wanted, Identity owner) {
        if (wanted.isEmpty()) {
            return;
        }
        long fresh = wanted.stream()
                .distinct()
                .filter(name -> !names.containsKey(name))
                .count();
        int most = terms.get().mostNames();
        if (owned(owner) + fresh > most) {
            throw refuse(
                    Refusal.OVERLOADED,
                    wanted.get(0),
                    owner,
                    "limit reverseNames: more than " + most + " with the others");
        }
    }

    private Refused refuse(Refusal reason, String name, Identity owner, String why) {
        refused.increment();
        return Refused.because(reason, "name " + name + ": " + owner + ": " + why);
    }

    private long owned(Identity owner) {
        return Stream.concat(names.values().stream(), places.values().stream())
                .filter(held -> held.owner.name().equals(owner.name()))
                .count();
    }

    /**
     * Takes a place for a connection that shall answer for all of these names; throws {@link Refused} where it may not. The names follow when
     * the connection shows that it lives, so that one which does not takes nothing away from one which does. {@code leave} is run, on any
     * thread, when the process drains.
     */
    public Tunnel open(Identity owner, List<String> wanted, Runnable leave) {
        Tunnel tunnel = new Tunnel(owner, wanted, leave);
        synchronized (tunnels) {
            room(owner);
            wanted.forEach(name -> check(name, owner));
            bound(wanted, owner);
            tunnels.computeIfAbsent(owner.name(), name -> new HashSet<>()).add(tunnel);
        }
        return tunnel;
    }

    private void room(Identity owner) {
        if (draining) {
            throw Refused.because(Refusal.DRAINING, "gate: shutting down");
        }
        int most = terms.get().mostTunnels();
        if (tunnels.getOrDefault(owner.name(), Set.of()).size() >= most) {
            refused.increment();
            throw Refused.because(
                    Refusal.OVERLOADED, "limit reverseTunnels: " + owner + " has " + most + " open already");
        }
    }

    @Override
    public Registration moor(Identity owner, Runnable leave) {
        return open(owner, List.of(), leave)::close;
    }

    /**
     * From now on no connection is taken, and those that are kept are left: nothing new would come through the gate to their owners, so
     * there is nothing to stay for but the streams that live.
     */
    public void drain() {
        List<Tunnel> left;
        synchronized (tunnels) {
            draining = true;
            left = tunnels.values().stream().flatMap(Set::stream).toList();
        }
        left.forEach(tunnel -> tunnel.leave.run());
    }

    /** One connection and its names. Closed once, from whichever loop. */
    public final class Tunnel {
        private final Identity owner;
        private final List<String> wanted;
        private final Runnable leave;
        private final List<Registration> held = new ArrayList<>();
        private boolean closed;

        private Tunnel(Identity owner, List<String> wanted, Runnable leave) {
            this.owner = owner;
            this.wanted = List.copyOf(wanted);
            this.leave = leave;
        }

        public Identity owner() {
            return owner;
        }

        public List<String> names() {
            return wanted;
        }

        /** From now on the names are reached here; throws {@link Refused} when one was taken meanwhile. */
        public void serve(Transport transport) {
            synchronized (tunnels) {
                if (!closed) {
                    wanted.forEach(name -> held.add(register(name, owner, transport)));
                }
            }
        }

        /** Lets the names go that nobody took over. */
        public void close() {
            synchronized (tunnels) {
                if (!closed) {
                    closed = true;
                    tunnels.computeIfPresent(
                            owner.name(), (name, all) -> all.remove(this) && all.isEmpty() ? null : all);
                    held.forEach(Registration::close);
                }
            }
        }
    }

    @Override
    public CompletionStage<Optional<Resolution>> resolve(HostPort target) {
        Held held = held(target);
        if (held != null) {
            Endpoint endpoint =
                    new Endpoint(target, List.of(PLACE), List.of(CARRIER), Optional.of(held.owner.name()), 1, true);
            return CompletableFuture.completedFuture(
                    Optional.of(Resolution.of(WORD, Duration.ZERO, List.of(endpoint))));
        }
        return terms.get().reserves(target.host())
                ? CompletableFuture.failedFuture(Refused.because(
                        Refusal.UNRESOLVED, "resolve " + target.host() + ": " + WORD + ": nobody is connected for it"))
                : CompletableFuture.completedFuture(Optional.empty());
    }

    private @Nullable Held held(HostPort target) {
        Held held = names.get(target.host());
        return held != null || places.isEmpty() ? held : places.get(target);
    }

    /** Itself, and {@code rest} for every name that is nobody's here. */
    public Discovery before(Discovery rest) {
        return target ->
                held(target) != null || terms.get().reserves(target.host()) ? resolve(target) : rest.resolve(target);
    }

    @Override
    public Future<Channel> dial(Dial dial, EventLoop loop) {
        if (dial.intent().shape() == Shape.DATAGRAMS) {
            return loop.newFailedFuture(Refused.because(Refusal.NO_ROUTE, WORD + ": datagrams: expected a stream"));
        }
        return Handover.dial(() -> way(dial), dial, loop);
    }

    /** What reaches the owner that was found for the endpoint; throws {@link Refused} where that is gone. */
    private Transport way(Dial dial) {
        String name = dial.endpoint().host().host();
        Held held = held(dial.endpoint().host());
        if (held == null) {
            throw Refused.because(Refusal.UNREACHABLE, WORD + " " + name + ": went away");
        }
        if (dial.endpoint().identity().filter(held.owner.name()::equals).isEmpty()) {
            throw Refused.because(
                    Refusal.UPSTREAM_IDENTITY,
                    WORD + " " + name + ": owned by " + held.owner + ": expected "
                            + dial.endpoint().identity().orElse("an identity"));
        }
        return held.transport;
    }

    /** Every name that is owned now. */
    public List<Row> rows() {
        long now = System.nanoTime();
        return names.entrySet().stream()
                .map(entry -> new Row(
                        entry.getKey(), entry.getValue().owner.name(), Duration.ofNanos(now - entry.getValue().since)))
                .sorted(java.util.Comparator.comparing(Row::name))
                .toList();
    }

    /** Names that are owned now. */
    public int owned() {
        return names.size();
    }

    /** Connections that are open for names. */
    public int open() {
        synchronized (tunnels) {
            return tunnels.values().stream().mapToInt(Set::size).sum();
        }
    }

    /** How often a name or a connection was refused (T115). */
    public long refused() {
        return refused.sum();
    }
}
