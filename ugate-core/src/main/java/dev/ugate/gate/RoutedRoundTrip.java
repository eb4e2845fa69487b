package dev.ugate.gate;

import dev.ugate.gate.http.Changes;
import dev.ugate.gate.http.Compressing;
import dev.ugate.gate.http.CorsAnswers;
import dev.ugate.gate.http.FixedBody;
import dev.ugate.gate.http.Mirrors;
import dev.ugate.gate.http.Sessions;
import dev.ugate.model.Intent;
import dev.ugate.model.Limits;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Route;
import dev.ugate.model.http.Fields;
import dev.ugate.model.http.Filters;
import dev.ugate.model.http.SessionPersistence;
import dev.ugate.net.Failures;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Informational;
import dev.ugate.spi.Reply;
import dev.ugate.spi.Request;
import dev.ugate.spi.RoundTrip;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Requests by their routes: answered here, or changed on their way to the {@code inner} round trip and back. Policy and route judge the
 * intent, which is what was asked; what changes is the request. The gate and library users send through the same object.
 */
public final class RoutedRoundTrip implements RoundTrip {

    private final Outbound outbound;
    private final RoundTrip inner;
    private final InstantSource clock = InstantSource.system();
    private final Mirrors mirrors = new Mirrors();
    private final Snapshot<Boolean> leaving = new Snapshot<>(false);

    public RoutedRoundTrip(Outbound outbound, RoundTrip inner) {
        this.outbound = outbound;
        this.inner = inner;
    }

    /** From now on routes that say whether this instance is ready say no. */
    void leave() {
        leaving.replace(true);
    }

    /** Counts the copies that were sent to mirrors. */
    public Mirrors mirrors() {
        return mirrors;
    }

    @Override
    public Future<Reply> send(Intent asked, Request request, Informational informational) {
        Channel body = request.body();
        Plan plan = outbound.plan();
        Intent intent = plan.border().named(asked);
        try {
            var ingress = Connection.find(body).map(Connection::ingress);
            Optional<Route> route = Verdicts.route(plan, intent, ingress);
            if (route.isEmpty()) {
                return inner.send(intent, request, informational);
            }
            Account.Trail.on(body).takes(route.get());
            return along(route.get(), intent, request, informational);
        } catch (RuntimeException | OutOfMemoryError wrong) {
            return body.eventLoop().newFailedFuture(Failures.refused(wrong));
        }
    }

    private Future<Reply> along(Route route, Intent intent, Request request, Informational informational) {
        Filters filters = route.filters();
        Optional<Reply> here = here(route, request);
        if (here.isPresent()) {
            return request.body().eventLoop().newSucceededFuture(back(filters, request, here.get(), Optional.empty()));
        }
        Verdicts.forwarding(route);
        if (filters.isNone()) {
            return inner.send(intent, request, informational);
        }
        request.tries(filters.tries());
        Request forth = Changes.forth(filters, request);
        mirror(filters.mirrors(), intent, forth);
        Optional<String> session = filters.session().flatMap(rule -> Sessions.shown(rule, request, clock.instant()));
        session.ifPresent(Account.Trail.on(request.body())::isAt);
        return changed(filters, request, inner.send(intent, forth, informational), session);
    }

    private void mirror(List<Filters.Mirror> targets, Intent intent, Request request) {
        for (int i = 0; i < targets.size() && request.upgrade().isEmpty(); i++) {
            if (ThreadLocalRandom.current().nextInt(targets.get(i).denominator())
                    < targets.get(i).numerator()) {
                Limits limits = Connection.find(request.body())
                        .map(connection -> connection.ingress().settings().limits())
                        .orElse(Limits.STANDARD);
                Intent copy = intent.with(Verdicts.MIRROR, Integer.toString(i));
                mirrors.copy(inner, copy, request, limits.relayBuffer().count());
            }
        }
    }

    /** The reply that a route gives without an upstream. */
    private Optional<Reply> here(Route route, Request request) {
        Optional<Filters.Cors> cors = route.filters().cors();
        if (cors.isPresent() && CorsAnswers.isPreflight(request)) {
            return Optional.of(FixedBody.reply(request, 204, CorsAnswers.preflight(cors.get(), request), ""));
        }
        if (route.action() instanceof Route.Redirect redirect) {
            Fields location = Fields.of("location", Changes.location(redirect, request));
            return Optional.of(FixedBody.reply(request, redirect.status(), location, ""));
        }
        // Whose answer 200 would mean that the other protocol is spoken here.
        boolean upgrade = request.upgrade().isPresent();
        if (route.action() instanceof Route.Ready && !upgrade) {
            if (leaving.read()) {
                throw Refused.because(Refusal.DRAINING, "route " + route.name() + ": this instance leaves");
            }
            return Optional.of(FixedBody.reply(request, 200, text(Fields.NONE), "ready\n"));
        }
        if (route.action() instanceof Route.Local local && !(upgrade && local.status() == 200)) {
            Fields fields = local.body().isEmpty() ? local.headers() : text(local.headers());
            return Optional.of(FixedBody.reply(request, local.status(), fields, local.body()));
        }
        return Optional.empty();
    }

    /** The fields of content, which has a type (RFC 9110 §8.3). */
    private static Fields text(Fields fields) {
        return fields.has("content-type")
                ? fields
                : fields.without(name -> false)
                        .add("content-type", "text/plain; charset=utf-8")
                        .build();
    }

    /** The fields with what the client is told where its session is not where it showed. */
    private Fields placed(
            SessionPersistence rule, Request request, Reply reply, Fields fields, Optional<String> shown) {
        return Passage.of(reply.body())
                .flatMap(Passage::endpoint)
                .map(outbound.balancer()::session)
                .filter(at -> !shown.equals(Optional.of(at)))
                .map(at -> Sessions.told(rule, request, fields, at, clock.instant()))
                .orElse(fields);
    }

    /** The reply as the client sees it. */
    private Future<Reply> changed(Filters filters, Request request, Future<Reply> reply, Optional<String> session) {
        Promise<Reply> promise = request.body().eventLoop().newPromise();
        promise.addListener(done -> {
            if (done.isCancelled()) {
                reply.cancel(false);
            }
        });
        reply.addListener(done -> {
            if (!reply.isSuccess()) {
                promise.tryFailure(reply.cause());
            } else if (!promise.trySuccess(back(filters, request, reply.getNow(), session))) {
                reply.getNow().body().close();
            }
        });
        return promise;
    }

    /** What goes with a refusal of a request that took a route: a browser shows its page no answer, and no status, without leave. */
    static Fields refusal(Request request) {
        return Account.Trail.find(request.body())
                .flatMap(Account.Trail::route)
                .flatMap(route -> route.filters().cors())
                .map(cors -> CorsAnswers.reply(cors, request, Fields.NONE))
                .orElse(Fields.NONE);
    }

    /** The reply to a request that showed a session, or none. */
    private Reply back(Filters filters, Request request, Reply reply, Optional<String> session) {
        Fields fields = filters.responses().apply(reply.fields());
        if (filters.session().isPresent()) {
            fields = placed(filters.session().get(), request, reply, fields, session);
        }
        if (filters.cors().isPresent() && !CorsAnswers.isPreflight(request)) {
            fields = CorsAnswers.reply(filters.cors().get(), request, fields);
        }
        Reply edited = reply.with(fields, reply.length());
        return filters.compression().isPresent()
                ? Compressing.apply(filters.compression().get(), request, edited)
                : edited;
    }
}
