package dev.ugate.gate.http;

import dev.ugate.model.HostPort;
import dev.ugate.model.Route;
import dev.ugate.model.http.Filters;
import dev.ugate.spi.Request;

/** What a route's filters make of a request, and where its redirect points to. Pure. */
public final class Changes {
    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;

    private Changes() {}

    /** The request as the upstream sees it. */
    public static Request forth(Filters filters, Request request) {
        HostPort authority = filters.rewrite()
                .flatMap(Filters.Rewrite::hostname)
                .map(name -> new HostPort(name, usualPort(request.scheme())))
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
        String scheme = redirect.scheme().orElse(request.scheme());
        int asked = redirect.scheme().isPresent()
                ? usualPort(scheme)
                : request.authority().port();
        int port = redirect.port().orElse(asked);
        String host = redirect.hostname().orElse(request.authority().host());
        String authority = new HostPort(host, port).text(usualPort(scheme));
        String target = request.path().startsWith("/") ? request.path() : "/";
        return scheme + "://" + authority
                + redirect.path().map(change -> change.apply(target)).orElse(target);
    }

    private static int usualPort(String scheme) {
        return scheme.equals("https") ? HTTPS_PORT : HTTP_PORT;
    }
}
