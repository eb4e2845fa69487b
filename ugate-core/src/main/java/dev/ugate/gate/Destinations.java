package dev.ugate.gate;

import dev.ugate.gate.mesh.Crossing;
import dev.ugate.gate.mesh.Drop;
import dev.ugate.model.Balance;
import dev.ugate.model.Carrier;
import dev.ugate.model.Endpoint;
import dev.ugate.model.HostPort;
import dev.ugate.model.Intent;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Resolution;
import dev.ugate.model.Route;
import dev.ugate.model.http.HttpVersion;
import dev.ugate.spi.Ingress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;

/** Where a forwarded stream may go: stages of endpoints, as the mesh lets them be dialled, and how to order each. */
record Destinations(Crossing crossing, Balance balance) {
    private static final String UNIX = "unix:";

    List<List<Endpoint>> stages() {
        return crossing.stages();
    }

    /** Resolves every destination of the route, or the intent's own target; fails when none is known. */
    static CompletionStage<Destinations> resolve(
            Plan plan, Intent intent, Route.Forward forward, Optional<Ingress> ingress) {
        Search search = new Search(plan, intent);
        if (forward.to().isEmpty()) {
            boolean trusted =
                    ingress.isPresent() && Verdicts.isOperators(ingress.get(), intent) && isLiteral(intent.target());
            return search.lookUp(intent.target())
                    .thenApply(found -> search.across(intent.target(), trusted ? trusted(found) : found))
                    .thenApply(found -> of(found, forward));
        }
        if (forward.to().size() == 1) {
            return search.one(forward.to().get(0)).thenApply(found -> of(found, forward));
        }
        return all(search, forward);
    }

    private static Destinations of(Found found, Route.Forward forward) {
        return new Destinations(
                found.crossing(), forward.balance().or(found::balance).orElse(Balance.ROUND_ROBIN));
    }

    private static Resolution trusted(Resolution resolution) {
        return with(resolution, Endpoint::asTrusted);
    }

    private static Resolution with(Resolution resolution, UnaryOperator<Endpoint> change) {
        List<List<Endpoint>> stages = new ArrayList<>();
        for (List<Endpoint> stage : resolution.stages()) {
            stages.add(stage.stream().map(change).toList());
        }
        return new Resolution(
                stages, resolution.source(), resolution.ttl(), resolution.validation(), resolution.balance());
    }

    /** Several destinations stand beside each other; those that cannot be resolved are left out while one can. */
    private static CompletionStage<Destinations> all(Search search, Route.Forward forward) {
        List<CompletableFuture<Found>> answers = new ArrayList<>();
        for (Route.Destination destination : forward.to()) {
            answers.add(search.one(destination).toCompletableFuture());
        }
        return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .handle((none, failure) -> {
                    List<List<Endpoint>> stages = new ArrayList<>();
                    List<Drop> drops = new ArrayList<>();
                    List<String> notes = new ArrayList<>();
                    for (CompletableFuture<Found> answer : answers) {
                        if (!answer.isCompletedExceptionally()) {
                            beside(stages, answer.join().crossing().stages());
                            drops.addAll(answer.join().crossing().drops());
                            notes.addAll(answer.join().crossing().notes());
                        }
                    }
                    if (stages.isEmpty()) {
                        answers.get(0).join();
                    }
                    return new Destinations(
                            new Crossing(stages, drops, notes),
                            forward.balance().orElse(Balance.ROUND_ROBIN));
                });
    }

    /** Stage by stage, so that what one destination keeps in reserve stays in reserve. */
    private static void beside(List<List<Endpoint>> stages, List<List<Endpoint>> more) {
        for (int i = 0; i < more.size(); i++) {
            if (i == stages.size()) {
                stages.add(new ArrayList<>());
            }
            stages.get(i).addAll(more.get(i));
        }
    }

    private static boolean isLiteral(HostPort target) {
        return target.literal().isPresent() || target.host().equals("localhost");
    }

    private static int share(int destination, int endpoint) {
        return (int) Math.min(Integer.MAX_VALUE, (long) destination * endpoint);
    }

    /** What one destination came to. */
    private record Found(Crossing crossing, Optional<Balance> balance) {}

    /** The look-ups of one stream. */
    private record Search(Plan plan, Intent intent) {
        CompletionStage<Found> one(Route.Destination to) {
            String text = to.target().orElse("");
            if (text.startsWith(UNIX)) {
                SocketAddress path = UnixDomainSocketAddress.of(text.substring(UNIX.length()));
                Endpoint unix = new Endpoint(
                                intent.target(), List.of(path), to.via(), Optional.empty(), to.weight(), true)
                        .withHttp(to.http());
                Resolution here = Resolution.of("route", java.time.Duration.ZERO, List.of(unix));
                return CompletableFuture.completedFuture(across(intent.target(), here));
            }
            HostPort asked = intent.target();
            HostPort target =
                    to.target().map(t -> HostPort.parse(t, asked.port())).orElse(asked);
            HostPort dialled = to.through().orElse(target);
            boolean written = to.target().isPresent() || to.through().isPresent();
            boolean trusted = isLiteral(dialled) && written;
            return lookUp(dialled)
                    .thenApply(resolution ->
                            with(resolution, found -> retarget(through(found, target, to), asked, to, trusted)))
                    .thenApply(resolution -> across(target, resolution));
        }

        CompletionStage<Resolution> lookUp(HostPort target) {
            return plan.discovery()
                    .resolve(target)
                    .thenApply(answer -> answer.orElseThrow(
                            () -> Refused.because(Refusal.UNRESOLVED, "resolve " + target + ": no source knows it")));
        }

        Found across(HostPort sought, Resolution answer) {
            return new Found(plan.border().across(intent.target(), sought, answer.stages()), answer.balance());
        }

        private static Endpoint through(Endpoint found, HostPort target, Route.Destination to) {
            return to.through().isPresent() ? found.withHost(target) : found;
        }

        private static Endpoint retarget(Endpoint found, HostPort asked, Route.Destination to, boolean trusted) {
            List<Carrier> via = to.via().isEmpty() ? found.via() : to.via();
            Endpoint there = found.withVia(via).withWeight(share(to.weight(), found.weight()));
            there = to.via().isEmpty() || to.through().isPresent() ? there : there.asking(asked);
            there = to.http() == HttpVersion.AUTO ? there : there.withHttp(to.http());
            return trusted ? there.asTrusted().withOwnPort() : there;
        }
    }
}
