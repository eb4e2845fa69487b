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
import dev.ugate.route.Share;
import dev.ugate.spi.Ingress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Where a forwarded stream may go: stages of endpoints, as the mesh lets them be dialled, and how to order each.
 *
 * @param requests those that were asked for as endpoints of requests, by what they are else; of one loop
 */
record Destinations(Crossing crossing, Balance balance, IdentityHashMap<Endpoint, Endpoint> requests) {
    private static final String UNIX = "unix:";

    Destinations(Crossing crossing, Balance balance) {
        this(crossing, balance, new IdentityHashMap<>(2));
    }

    /** One of these endpoints as one of requests, the same object each time. */
    Endpoint forRequests(Endpoint endpoint) {
        return requests.computeIfAbsent(endpoint, Endpoint::forRequests);
    }

    List<List<Endpoint>> stages() {
        return crossing.stages();
    }

    /** Resolves every destination of the route, or the intent's own target; fails when none is known. */
    static CompletionStage<Destinations> resolve(
            Plan plan, Intent intent, Route.Forward forward, Optional<Ingress> ingress) {
        return resolve(plan, intent, forward, ingress, new Known());
    }

    /** The same on a loop, and {@code known} is what was asked there before. */
    static CompletionStage<Destinations> resolve(
            Plan plan, Intent intent, Route.Forward forward, Optional<Ingress> ingress, Known known) {
        Search search = new Search(plan, intent);
        if (forward.to().size() > 1) {
            return all(search, forward);
        }
        if (forward.to().isEmpty()) {
            boolean trusted =
                    ingress.isPresent() && Verdicts.isOperators(ingress.get(), intent) && isLiteral(intent.target());
            return known.ask(
                    search,
                    forward,
                    trusted,
                    intent::target,
                    answer -> search.across(intent.target(), trusted ? trusted(answer) : answer));
        }
        Route.Destination to = forward.to().get(0);
        return isUnix(to)
                ? search.one(to).thenApply(found -> of(found, forward))
                : known.ask(search, forward, false, () -> search.sought(to), answer -> search.found(to, answer));
    }

    /** What has come of a resolution by now. */
    static @Nullable Destinations come(CompletionStage<Destinations> resolution) {
        return Known.atHand(resolution.toCompletableFuture()) instanceof Destinations come ? come : null;
    }

    private static boolean isUnix(Route.Destination to) {
        return to.target().isPresent() && to.target().get().startsWith(UNIX);
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

    /**
     * Several destinations stand beside each other; those that cannot be resolved are left out while one can, and one of weight 0 gets
     * nothing, whatever becomes of the others: that is how it is taken out of service.
     */
    private static CompletionStage<Destinations> all(Search search, Route.Forward forward) {
        List<CompletableFuture<Found>> answers = new ArrayList<>();
        List<Integer> weights = new ArrayList<>();
        boolean idle = forward.to().stream().allMatch(destination -> destination.weight() == 0);
        for (Route.Destination destination : forward.to()) {
            if (idle || destination.weight() > 0) {
                answers.add(search.one(destination.withWeight(1)).toCompletableFuture());
                weights.add(destination.weight());
            }
        }
        return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .handle((none, failure) -> {
                    List<List<Share>> stages = new ArrayList<>();
                    List<Drop> drops = new ArrayList<>();
                    List<String> notes = new ArrayList<>();
                    for (int i = 0; i < answers.size(); i++) {
                        if (!answers.get(i).isCompletedExceptionally()) {
                            Crossing found = answers.get(i).join().crossing();
                            beside(stages, weights.get(i), found.stages());
                            drops.addAll(found.drops());
                            notes.addAll(found.notes());
                        }
                    }
                    if (stages.isEmpty()) {
                        answers.get(0).join();
                    }
                    return new Destinations(
                            new Crossing(stages.stream().map(Share::all).toList(), drops, notes),
                            forward.balance().orElse(Balance.ROUND_ROBIN));
                });
    }

    /** Stage by stage, so that what one destination keeps in reserve stays in reserve. */
    private static void beside(List<List<Share>> stages, int weight, List<List<Endpoint>> more) {
        for (int i = 0; i < more.size(); i++) {
            if (i == stages.size()) {
                stages.add(new ArrayList<>());
            }
            stages.get(i).add(new Share(weight, more.get(i)));
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
            if (isUnix(to)) {
                String path = to.target().orElseThrow().substring(UNIX.length());
                List<SocketAddress> socket = List.of(UnixDomainSocketAddress.of(path));
                Endpoint unix = new Endpoint(intent.target(), socket, to.via(), Optional.empty(), to.weight(), true)
                        .withHttp(to.http());
                Resolution here = Resolution.of("route", java.time.Duration.ZERO, List.of(unix));
                return CompletableFuture.completedFuture(across(intent.target(), here));
            }
            return lookUp(sought(to)).thenApply(answer -> found(to, answer));
        }

        /** Whom discovery is asked for. */
        HostPort sought(Route.Destination to) {
            return to.through().orElseGet(() -> target(to));
        }

        private HostPort target(Route.Destination to) {
            HostPort asked = intent.target();
            return to.target().map(t -> HostPort.parse(t, asked.port())).orElse(asked);
        }

        /** What its answer comes to. */
        Found found(Route.Destination to, Resolution answer) {
            HostPort target = target(to);
            boolean written = to.target().isPresent() || to.through().isPresent();
            boolean trusted = isLiteral(to.through().orElse(target)) && written;
            return across(
                    target, with(answer, found -> retarget(through(found, target, to), intent.target(), to, trusted)));
        }

        CompletionStage<Resolution> lookUp(HostPort target) {
            return plan.discovery().resolve(target).thenApply(answer -> known(target, answer));
        }

        static Resolution known(HostPort target, Optional<Resolution> answer) {
            return answer.orElseThrow(
                    () -> Refused.because(Refusal.UNRESOLVED, "resolve " + target + ": no source knows it"));
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

    /**
     * What forwards came to last, for as long as plan and answer of discovery are the very same objects: most streams ask what the one
     * before asked. Lives on one loop.
     */
    static final class Known {
        private static final int MOST = 256;

        private final IdentityHashMap<Route.Forward, Entry> entries = new IdentityHashMap<>();
        private @Nullable Plan plan;

        /** What a forward was asked for, whom discovery was asked for, what it said, and what that came to. */
        private record Entry(
                HostPort asked, boolean trusted, HostPort sought, Object answer, CompletionStage<Destinations> way) {}

        private CompletionStage<Destinations> ask(
                Search search,
                Route.Forward forward,
                boolean trusted,
                Supplier<HostPort> target,
                Function<Resolution, Found> found) {
            Entry before = before(search, forward, trusted);
            HostPort sought = before == null ? target.get() : before.sought;
            CompletableFuture<Optional<Resolution>> asked =
                    search.plan.discovery().resolve(sought).toCompletableFuture();
            Object answer = atHand(asked);
            if (before != null && before.answer == answer) {
                return before.way;
            }
            CompletionStage<Destinations> way =
                    asked.thenApply(said -> of(found.apply(Search.known(sought, said)), forward));
            if (answer != null && atHand(way.toCompletableFuture()) != null) {
                keep(forward, new Entry(search.intent.target(), trusted, sought, answer, way));
            }
            return way;
        }

        private @Nullable Entry before(Search search, Route.Forward forward, boolean trusted) {
            if (!search.plan.equals(plan)) {
                entries.clear();
                plan = search.plan;
            }
            Entry last = entries.get(forward);
            return last != null && last.trusted == trusted && last.asked.equals(search.intent.target()) ? last : null;
        }

        private void keep(Route.Forward forward, Entry entry) {
            if (entries.size() >= MOST) {
                entries.clear();
            }
            entries.put(forward, entry);
        }

        /** What has come, within its Optional where it is in one. */
        private static @Nullable Object atHand(CompletableFuture<?> stage) {
            if (!stage.isDone() || stage.isCompletedExceptionally()) {
                return null;
            }
            Object come = stage.join();
            return come instanceof Optional<?> optional ? optional.orElse(null) : come;
        }
    }
}
