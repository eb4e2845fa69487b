package dev.ugate.gate;

import dev.ugate.gate.mesh.Crossing;
import dev.ugate.gate.mesh.Drop;
import dev.ugate.model.Decision;
import dev.ugate.model.Endpoint;
import dev.ugate.model.Intent;
import dev.ugate.model.Ip;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Route;
import dev.ugate.model.Shape;
import dev.ugate.net.Failures;
import dev.ugate.spi.Ingress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Tells why a stream would go where it goes, by asking the very functions that decide; dials nothing. */
public final class Explain {
    /** Who decided when a request is answered here and nothing is dialled. */
    public static final String ANSWER = "answer";

    private static final String MESH = "mesh";

    private Explain() {}

    /** One decision: who decided, what, and whether the stream goes on. */
    public record Step(String by, String says, boolean goesOn) {}

    /** The decisions in order; the last one that does not go on ends the stream. */
    public static CompletionStage<List<Step>> intent(
            Plan plan, OwnAddresses own, Intent asked, Optional<Ingress> ingress) {
        List<Step> steps = new ArrayList<>();
        Intent settled;
        try {
            settled = ingress.map(listener -> Arrivals.settle(plan, own, asked, listener))
                    .orElse(asked);
        } catch (Refused refused) {
            steps.add(new Step(
                    "listener", refused.text() + " (" + refused.reason().label() + ")", false));
            return CompletableFuture.completedFuture(steps);
        }
        Intent intent = plan.border().named(settled);
        if (!intent.target().equals(settled.target())) {
            steps.add(new Step(MESH, settled.target() + " is the VIP of " + intent.target(), true));
        }
        Decision decision = plan.policy().judge(intent);
        steps.add(new Step("policy", word(decision), decision.allowed()));
        Route[] chosen = new Route[1];
        Route.Forward forward;
        try {
            Optional<Route> here = Verdicts.route(plan, intent, ingress).filter(route -> answers(route, intent));
            if (here.isPresent()) {
                steps.add(new Step("route", here.get().name(), true));
                steps.add(new Step(ANSWER, word(here.get().action()), true));
                return CompletableFuture.completedFuture(steps);
            }
            forward = Verdicts.forward(plan, intent, ingress, route -> chosen[0] = route);
        } catch (Refused refused) {
            steps.add(new Step("route", refused.text() + " (" + refused.reason().label() + ")", false));
            return CompletableFuture.completedFuture(steps);
        }
        steps.add(new Step("route", chosen[0] == null ? "none matches: to its own target" : chosen[0].name(), true));
        if (chosen[0] != null && intent.shape() == Shape.MESSAGES) {
            chosen[0].filters().words().forEach(word -> steps.add(new Step("filter", word, true)));
        }
        return resolve(plan, intent, forward, ingress).handle((destinations, failure) -> {
            if (failure != null) {
                Refused why = Failures.refused(failure);
                steps.add(new Step("discovery", why.text() + " (" + why.reason().label() + ")", false));
            } else {
                found(plan, own, intent, destinations, steps);
            }
            return steps;
        });
    }

    private static void found(Plan plan, OwnAddresses own, Intent intent, Destinations destinations, List<Step> steps) {
        String balance = destinations.balance().name().toLowerCase(Locale.ROOT).replace('_', '-');
        steps.add(new Step("balance", balance, true));
        mesh(destinations.crossing()).forEach(steps::add);
        int before = steps.size();
        destinations.stages().forEach(stage -> stage.forEach(e -> endpoint(plan, own, intent, e, steps)));
        if (steps.size() == before && destinations.crossing().refusal().isEmpty()) {
            steps.add(new Step("discovery", "no endpoint (" + Refusal.UNRESOLVED.label() + ")", false));
        }
    }

    /** What the mesh says of an answer: what it demands, then each endpoint that it refuses, or would in strict mode. */
    public static List<Step> mesh(Crossing crossing) {
        List<Step> steps = new ArrayList<>();
        crossing.notes().forEach(note -> steps.add(new Step(MESH, note, true)));
        for (Drop drop : crossing.drops()) {
            String text = drop.why().text();
            steps.add(
                    drop.enforced()
                            ? new Step(
                                    MESH,
                                    text.replaceFirst("^mesh: ", "") + " ("
                                            + drop.why().reason().label() + ")",
                                    false)
                            : new Step(MESH, "would be refused: " + text, true));
        }
        return steps;
    }

    private static boolean answers(Route route, Intent intent) {
        return intent.shape() == Shape.MESSAGES
                && !(route.action() instanceof Route.Forward)
                && !(route.action() instanceof Route.Deny);
    }

    private static String word(Route.Action action) {
        if (action instanceof Route.Redirect redirect) {
            return "redirect " + redirect.status();
        }
        return action instanceof Route.Local local ? "status " + local.status() : "ready";
    }

    private static CompletionStage<Destinations> resolve(
            Plan plan, Intent intent, Route.Forward forward, Optional<Ingress> ingress) {
        try {
            return Destinations.resolve(plan, intent, forward, ingress);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static void endpoint(Plan plan, OwnAddresses own, Intent intent, Endpoint endpoint, List<Step> steps) {
        String via = String.join(",", endpoint.via().stream().map(c -> c.name()).toList());
        if (endpoint.addresses().isEmpty()) {
            String noun = "endpoint " + endpoint + ": ";
            steps.add(new Step("discovery", noun + "no address (" + Refusal.UNRESOLVED.label() + ")", false));
        }
        for (SocketAddress address : endpoint.addresses()) {
            String noun = "endpoint " + endpoint + " at " + Ip.text(address) + " via " + via + " weight "
                    + endpoint.weight() + expected(endpoint) + ": ";
            Decision decision = plan.policy().judge(intent, address, endpoint.trusted());
            if (decision.allowed() && own.reachedBy(address, intent.shape())) {
                steps.add(new Step("loop", noun + "one of our own listeners", false));
            } else {
                steps.add(new Step("policy", noun + word(decision), decision.allowed()));
            }
        }
    }

    /** Whom the endpoint must prove to be, in words behind those of the endpoint; empty where that is nobody's question. */
    public static String expected(Endpoint endpoint) {
        return endpoint.identity().map(" expects "::concat).orElse("");
    }

    private static String word(Decision decision) {
        return (decision.allowed() ? "allowed by " : "denied by ") + decision.rule();
    }
}
