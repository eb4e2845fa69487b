package dev.ugate.gate;

import dev.ugate.model.Decision;
import dev.ugate.model.HostPort;
import dev.ugate.model.Intent;
import dev.ugate.model.Ip;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Route;
import dev.ugate.policy.Rules;
import dev.ugate.spi.Ingress;
import dev.ugate.spi.Ingress.Inbound;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the way by which a stream arrived makes of its target: a captured one goes where it was going, whatever name it says, and one for
 * this node goes to the application behind it; in both cases unless a route says otherwise.
 */
final class Arrivals {
    /** The label of an intent that is for this node: the application's address. Set by the gate, by no protocol. */
    private static final String APP = "app";

    /** The name that a captured client asked for, where its target is the address instead. */
    private static final String ASKED = "host";

    /** Where captured and mesh connections come in by convention: whoever asks for them asks for ugate itself. */
    private static final Set<Integer> OURS = Set.of(15001, 15006, 15008);

    private Arrivals() {}

    /** The intent to judge and to serve; throws {@link Refused}. */
    static Intent settle(Plan plan, OwnAddresses own, Intent intent, Ingress ingress) {
        Intent settled = intent;
        Optional<InetSocketAddress> original = intent.peer().originalDestination();
        if (original.isPresent()) {
            if (own.reachedBy(original.get(), intent.shape())) {
                throw Refused.because(
                        Refusal.LOOP, "capture: " + Ip.text(original.get()) + " is one of our own listeners");
            }
            settled = onward(plan, intent, intent.peer().captured().orElseThrow());
        }
        Optional<Inbound> inbound = ingress.arrival().inbound();
        if (inbound.isEmpty()
                || Verdicts.isOperators(ingress, settled)
                || plan.routes().choose(settled).isPresent()) {
            return settled;
        }
        return here(inbound.get(), settled, original.isPresent());
    }

    /** A name proves nothing about the address: what an allow rule says of names opens no other address (T84). */
    private static Intent onward(Plan plan, Intent intent, HostPort address) {
        if (intent.target().equals(address) || plan.routes().choose(intent).isPresent()) {
            return intent;
        }
        Decision byName = plan.policy().judge(intent);
        if (!byName.allowed() && !byName.rule().equals(Rules.DEFAULT)) {
            throw Refused.because(Refusal.DENIED, "policy: rule " + byName.rule() + " denies " + intent.target());
        }
        return intent.withTarget(address).with(ASKED, intent.target().host());
    }

    private static Intent here(Inbound inbound, Intent intent, boolean captured) {
        if (!captured && !inbound.isFor(intent)) {
            throw Refused.malformed("target " + intent.target() + ": not this node");
        }
        if (OURS.contains(intent.target().port())) {
            throw Refused.because(Refusal.LOOP, "target " + intent.target() + ": a port of ours");
        }
        return intent.with(APP, Ip.text(inbound.app()));
    }

    /** The route to the application behind {@code ingress}, of an intent that was settled to be for it. */
    static Optional<Route> toApp(Intent intent, Optional<Ingress> ingress) {
        Optional<Inbound> inbound =
                ingress.flatMap(listener -> listener.arrival().inbound());
        if (inbound.isEmpty() || !intent.labels().containsKey(APP)) {
            return Optional.empty();
        }
        HostPort there =
                new HostPort(Ip.text(inbound.get().app()), intent.target().port());
        var destination = new Route.Destination(
                Optional.of(there.toString()), 1, inbound.get().via(), Optional.empty());
        return Optional.of(route(APP, destination));
    }

    /** The route to the Unix socket that an intent is for; whoever says so has checked that the operator wrote it down. */
    static Optional<Route> toSocket(Intent intent) {
        String path = intent.labels().get(Intent.SOCKET);
        return path == null
                ? Optional.empty()
                : Optional.of(route(
                        Intent.SOCKET,
                        new Route.Destination(Optional.of("unix:" + path), 1, List.of(), Optional.empty())));
    }

    private static Route route(String name, Route.Destination to) {
        return new Route(name, any -> true, new Route.Forward(List.of(to), Optional.empty(), Optional.empty()));
    }
}
