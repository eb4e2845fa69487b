package dev.ugate.gate;

import dev.ugate.gate.mesh.Drop;
import dev.ugate.model.Decision;
import dev.ugate.model.Endpoint;
import dev.ugate.model.Intent;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Route;
import dev.ugate.spi.Ingress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** What is decided about an intent before anything is looked up: policy, route, and whether the listener forwards. */
final class Verdicts {
    /** The label of an intent whose request is a copy: which mirror of the route it is for. Set by the gate, by no protocol. */
    static final String MIRROR = "mirror";

    private static final Route.Forward TO_ITS_TARGET = new Route.Forward(List.of(), Optional.empty(), Optional.empty());

    private Verdicts() {}

    /** The forwarding to do; tells {@code chosen} the route first. Throws {@link Refused}. */
    static Route.Forward forward(Plan plan, Intent intent, Optional<Ingress> ingress, Consumer<Route> chosen) {
        Optional<Route> route = route(plan, intent, ingress);
        if (route.isEmpty()) {
            return TO_ITS_TARGET;
        }
        chosen.accept(route.get());
        Route.Forward forward = forwarding(route.get());
        String mirror = intent.labels().get(MIRROR);
        return mirror == null ? forward : mirror(route.get(), Integer.parseInt(mirror));
    }

    /** The way of a copy. */
    private static Route.Forward mirror(Route route, int number) {
        if (number >= route.filters().mirrors().size()) {
            throw Refused.because(Refusal.NO_ROUTE, "route " + route.name() + ": has no such mirror any more");
        }
        String to = route.filters().mirrors().get(number).to();
        var destination = new Route.Destination(Optional.of(to), 1, List.of(), Optional.empty());
        return new Route.Forward(List.of(destination), Optional.empty(), Optional.empty());
    }

    /** What a route that forwards does. Throws {@link Refused} for the others. */
    static Route.Forward forwarding(Route route) {
        if (route.action() instanceof Route.Forward forward) {
            return forward;
        }
        String noun = "route " + route.name() + ": ";
        throw route.action() instanceof Route.Deny
                ? Refused.because(Refusal.DENIED, noun + "denied")
                : Refused.because(Refusal.NO_ROUTE, noun + "answers HTTP requests only");
    }

    /** Policy, then the first matching route, then the listener's own permission. Throws {@link Refused}. */
    static Optional<Route> route(Plan plan, Intent intent, Optional<Ingress> ingress) {
        Decision decision = plan.policy().judge(intent);
        if (!decision.allowed()) {
            throw Refused.because(Refusal.DENIED, "policy: rule " + decision.rule() + " denies " + intent.target());
        }
        Optional<Route> route = plan.routes().choose(intent);
        if (route.isEmpty()) {
            route = Arrivals.toApp(intent, ingress);
        }
        if (route.isEmpty() && ingress.isPresent()) {
            permit(ingress.get(), intent);
        }
        return route.isEmpty() ? Arrivals.toSocket(intent) : route;
    }

    /**
     * Why a stream that lives may not go on under other decisions: neither its intent nor any of the addresses it may have been dialled at
     * is allowed any more, or it would leave the mesh in the clear.
     */
    static Optional<Refused> revised(
            Plan plan, Intent intent, Optional<Endpoint> endpoint, Optional<SocketAddress> dialled) {
        Decision decision = plan.policy().judge(intent);
        if (decision.allowed() && endpoint.isPresent()) {
            Optional<Drop> drop = plan.border().objection(intent.target(), endpoint.get());
            if (drop.isPresent() && drop.get().enforced()) {
                return Optional.of(drop.get().why());
            }
            List<SocketAddress> all = endpoint.get().addresses();
            List<SocketAddress> addresses =
                    dialled.filter(all::contains).map(List::of).orElse(all);
            for (int i = 0; i < addresses.size(); i++) {
                decision = plan.policy()
                        .judge(intent, addresses.get(i), endpoint.get().trusted());
                if (decision.allowed()) {
                    return Optional.empty();
                }
            }
        }
        return decision.allowed()
                ? Optional.empty()
                : Optional.of(Refused.because(
                        Refusal.DENIED,
                        "policy: rule " + decision.rule() + " denies " + intent.target() + " since a reload"));
    }

    private static void permit(Ingress ingress, Intent intent) {
        if (isOperators(ingress, intent)) {
            return;
        }
        switch (ingress.forward()) {
            case OPEN -> {}
            case NONE ->
                throw Refused.because(
                        Refusal.NO_ROUTE,
                        "route: none for " + intent.target() + " and listener " + ingress.name() + " does not forward");
            case AUTHENTICATED -> {
                if (intent.peer().identity().isEmpty()) {
                    throw Refused.because(
                            Refusal.UNAUTHENTICATED,
                            "listener " + ingress.name() + ": forwards for authenticated peers only");
                }
            }
        }
    }

    /** Whether the operator, not the peer, chose the target. */
    static boolean isOperators(Ingress ingress, Intent intent) {
        return ingress.target().filter(intent.target()::equals).isPresent()
                || ingress.fallback().filter(intent.target()::equals).isPresent();
    }
}
