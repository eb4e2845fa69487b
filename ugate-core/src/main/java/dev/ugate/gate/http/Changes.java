package dev.ugate.gate.http;

import dev.ugate.model.HostPort;
import dev.ugate.model.Route;
import dev.ugate.model.http.Filters;
import dev.ugate.model.http.UsualPort;
import dev.ugate.spi.Request;
import java.util.Set;

/** What a route's filters make of a request, and where its redirect points to. Pure. */
public final class Changes {

    private static final Set<String> SCHEMES = Set.of("http", "https");

    private Changes() {}

    /** The request as the upstream sees it. */
    public static Request forth(Filters filters, Request request) {
        HostPort authority = filters.rewrite()
                .flatMap(Filters.Rewrite::hostname)
                .map(name -> new HostPort(name, UsualPort.of(request.scheme())))
                .orElse(request.authority());
        String path = filters.rewrite()
                .flatMap(Filters.Rewrite::path)
                .filter(change -> request.path().startsWith("/"))
                .map(change -> change.apply(request.path()))
                .orElse(request.path());
        return new Request(
                request.method(),
                request.scheme(),
                authority,
                path,
                filters.requests().apply(request.fields()),
                request.length(),
                request.upgrade(),
                request.body());
    }

    /** The value of Location (RFC 9110 §10.2.2). */
    public static String location(Route.Redirect redirect, Request request) {
        String scheme = redirect.scheme().orElseGet(() -> clientScheme(request));
        boolean usual = redirect.scheme().isPresent() || request.authority().port() == UsualPort.of(request.scheme());
        int port = redirect.port()
                .orElse(usual ? UsualPort.of(scheme) : request.authority().port());
        String host = redirect.hostname().orElse(request.authority().host());
        String authority = new HostPort(host, port).text(UsualPort.of(scheme));
        String target = request.path().startsWith("/") ? request.path() : "/";
        return scheme + "://" + authority
                + redirect.path().map(change -> change.apply(target)).orElse(target);
    }

    /** What the client speaks, maybe to a proxy before this one: who may not say so here has lost the field. */
    private static String clientScheme(Request request) {
        return request.fields()
                .first("x-forwarded-proto")
                .filter(SCHEMES::contains)
                .orElse(request.scheme());
    }
}
