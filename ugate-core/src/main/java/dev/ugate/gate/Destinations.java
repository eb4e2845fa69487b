package dev.ugate.gate;

import dev.ugate.model.Balance;
import dev.ugate.model.Carrier;
import dev.ugate.model.Discovery;
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

/** Where a forwarded stream may go: stages of endpoints and how to order each. */
record Destinations(List<List<Endpoint>> stages, Balance balance) {
    private static final String UNIX = "unix:";

    /** Resolves every destination of the route, or the intent's own target; fails when none is known. */
    static CompletionStage<Destinations> resolve(
            Discovery discovery, Intent intent, Route.Forward forward, Optional<Ingress> ingress) {
        if (forward.to().isEmpty()) {
            boolean trusted =
                    ingress.isPresent() && Verdicts.isOperators(ingress.get(), intent) && isLiteral(intent.target());
            return lookUp(discovery, intent.target()).thenApply(resolution -> of(resolution, forward, trusted));
        }
        if (forward.to().size() == 1) {
            return one(discovery, intent, forward.to().get(0)).thenApply(resolution -> of(resolution, forward, false));
        }
        return all(discovery, intent, forward);
    }

    private static Destinations of(Resolution resolution, Route.Forward forward, boolean trusted) {
        Balance balance = forward.balance().or(resolution::balance).orElse(Balance.ROUND_ROBIN);
        if (!trusted) {
            return new Destinations(resolution.stages(), balance);
        }
        List<List<Endpoint>> stages = new ArrayList<>();
        for (List<Endpoint> stage : resolution.stages()) {
            stages.add(stage.stream().map(Endpoint::asTrusted).toList());
        }
        return new Destinations(stages, balance);
    }

    /** Several destinations stand beside each other; those that cannot be resolved are left out while one can. */
    private static CompletionStage<Destinations> all(Discovery discovery, Intent intent, Route.Forward forward) {
        List<CompletableFuture<Resolution>> answers = new ArrayList<>();
        for (Route.Destination destination : forward.to()) {
            answers.add(one(discovery, intent, destination).toCompletableFuture());
        }
        return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .handle((none, failure) -> {
                    List<List<Endpoint>> stages = new ArrayList<>();
                    for (CompletableFuture<Resolution> answer : answers) {
                        if (!answer.isCompletedExceptionally()) {
                            beside(stages, answer.join().stages());
                        }
                    }
                    if (stages.isEmpty()) {
                        answers.get(0).join();
                    }
                    return new Destinations(stages, forward.balance().orElse(Balance.ROUND_ROBIN));
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

    private static CompletionStage<Resolution> one(Discovery discovery, Intent intent, Route.Destination to) {
        String text = to.target().orElse("");
        if (text.startsWith(UNIX)) {
            SocketAddress path = UnixDomainSocketAddress.of(text.substring(UNIX.length()));
            Endpoint unix = new Endpoint(intent.target(), List.of(path), to.via(), Optional.empty(), to.weight(), true)
                    .withHttp(to.http());
            return CompletableFuture.completedFuture(Resolution.of("route", java.time.Duration.ZERO, List.of(unix)));
        }
        HostPort dialled = to.through().orElse(target(to, intent.target()));
        boolean trusted =
                isLiteral(dialled) && (to.target().isPresent() || to.through().isPresent());
        return lookUp(discovery, dialled).thenApply(resolution -> retarget(resolution, intent.target(), to, trusted));
    }

    private static boolean isLiteral(HostPort target) {
        return target.literal().isPresent() || target.host().equals("localhost");
    }

    private static CompletionStage<Resolution> lookUp(Discovery discovery, HostPort target) {
        return discovery
                .resolve(target)
                .thenApply(answer -> answer.orElseThrow(
                        () -> Refused.because(Refusal.UNRESOLVED, "resolve " + target + ": no source knows it")));
    }

    private static Resolution retarget(Resolution resolution, HostPort asked, Route.Destination to, boolean trusted) {
        List<List<Endpoint>> stages = new ArrayList<>();
        for (List<Endpoint> stage : resolution.stages()) {
            List<Endpoint> changed = new ArrayList<>();
            for (Endpoint e : stage) {
                List<Carrier> via = to.via().isEmpty() ? e.via() : to.via();
                Endpoint there = host(e, asked, to).withVia(via).withWeight(share(to.weight(), e.weight()));
                there = to.via().isEmpty() || to.through().isPresent() ? there : there.asking(asked);
                there = to.http() == HttpVersion.AUTO ? there : there.withHttp(to.http());
                changed.add(trusted ? there.asTrusted() : there);
            }
            stages.add(changed);
        }
        return new Resolution(
                stages, resolution.source(), resolution.ttl(), resolution.validation(), resolution.balance());
    }

    private static Endpoint host(Endpoint found, HostPort asked, Route.Destination to) {
        return to.through().isPresent() ? found.withHost(target(to, asked)) : found;
    }

    private static HostPort target(Route.Destination to, HostPort asked) {
        return to.target().map(text -> HostPort.parse(text, asked.port())).orElse(asked);
    }

    private static int share(int destination, int endpoint) {
        return (int) Math.min(Integer.MAX_VALUE, (long) destination * endpoint);
    }
}
