package dev.ugate.config;

import dev.ugate.config.DiscoveryConfig.Service;
import dev.ugate.config.http.FilterReader;
import dev.ugate.config.http.MatchReader;
import dev.ugate.config.mesh.CarrierWords;
import dev.ugate.config.mesh.PublicKey;
import dev.ugate.config.yaml.Problems;
import dev.ugate.config.yaml.Value;
import dev.ugate.config.yaml.Value.Fields;
import dev.ugate.model.Balance;
import dev.ugate.model.Carrier;
import dev.ugate.model.Cidr;
import dev.ugate.model.Glob;
import dev.ugate.model.HostPort;
import dev.ugate.model.Peer;
import dev.ugate.model.Route;
import dev.ugate.model.http.Filters;
import dev.ugate.model.http.HttpVersion;
import dev.ugate.route.Match;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Reads {@code routes} and {@code discovery.config.services}. */
final class RouteReader {
    static final Duration HEALTH_EVERY = Duration.ofSeconds(5);
    private static final List<String> FORWARDING = List.of("to", "via", "upstream", "balance", "health");
    private static final List<String> CHANGING = List.of("filters", "timeouts", "retry", "sessionPersistence");
    private static final Set<String> PROXIES = Set.of("socks5", "http");

    /** Statuses that have no content (RFC 9110 §15.3.5, §15.3.6, §15.4.5). */
    private static final Set<Integer> WITHOUT_CONTENT = Set.of(204, 205, 304);

    /** What may run inside itself: through a gateway that sees no more than the inner TLS. */
    private static final Set<String> TUNNELS = Set.of("hbone", "mtls");

    private final Folder folder;
    private final Vocabulary vocabulary;
    private final Problems problems;

    RouteReader(Folder folder, Vocabulary vocabulary, Problems problems) {
        this.folder = folder;
        this.vocabulary = vocabulary;
        this.problems = problems;
    }

    List<Route> routes(Fields root) {
        List<Route> routes = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Fields fields : root.each("routes")) {
            String name = fields.one("name", String.class).orElse("");
            if (!name.isEmpty() && !names.add(name)) {
                problems.add(fields.at("name"), "name " + name + ": taken: expected another");
            }
            Match match = match(fields.fields("match"));
            FilterReader reader = new FilterReader(problems);
            Filters filters = reader.filters(fields, match.http());
            action(fields)
                    .or(() -> reader.redirect(fields, match.http()))
                    .ifPresent(action -> routes.add(new Route(
                            name, filters.cors().isPresent() ? match.withPreflights() : match, action, filters)));
        }
        return routes;
    }

    List<Service> services(Fields config) {
        List<Service> services = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Fields fields : config.each("services")) {
            String name = fields.one("name", String.class).orElse("");
            if (!name.isEmpty() && !names.add(name)) {
                problems.add(fields.at("name"), "service " + name + ": taken: expected another");
            }
            int weight = fields.one("weight", Integer.class).orElse(1);
            Optional<PublicKey> key = fields.one("publicKey", PublicKey.class);
            services.add(new Service(
                    name,
                    destinations(fields, "endpoints", weight, through(fields, via(fields)), Optional.empty()),
                    fields.one("identity", String.class)
                            .or(() -> key.map(of -> of.id().identity())),
                    fields.one("balance", Balance.class),
                    key));
        }
        return services;
    }

    /** With what is said of the gateway that a service is behind. */
    private List<Carrier> through(Fields service, List<Carrier> via) {
        Fields gateway = service.fields("gateway");
        Optional<String> identity = gateway.one("identity", String.class);
        if (identity.isEmpty()) {
            return via;
        }
        try {
            return CarrierWords.through(via, identity.get(), gateway.one("network", String.class));
        } catch (IllegalArgumentException none) {
            problems.add(service.at("gateway"), String.valueOf(none.getMessage()));
            return via;
        }
    }

    private Match match(Fields fields) {
        return new Match(
                fields.all("host", Glob.class),
                fields.all("cidr", Cidr.class),
                fields.all("port", Integer.class),
                fields.all("protocol", String.class),
                fields.all("from", Peer.Pattern.class),
                new MatchReader(problems).match(fields));
    }

    /** What the route does, unless its filters say it. */
    private Optional<Route.Action> action(Fields fields) {
        boolean redirects = FilterReader.redirects(fields);
        boolean ends = redirects || fields.has("deny") || fields.has("local");
        boolean forward = FORWARDING.stream().anyMatch(fields::has)
                || !ends && CHANGING.stream().anyMatch(fields::has);
        long actions = Stream.of(forward, fields.has("deny"), fields.has("local"), redirects)
                .filter(Boolean::booleanValue)
                .count();
        if (actions != 1) {
            problems.add(
                    fields.place(),
                    (actions == 0 ? "no action" : "two actions")
                            + ": expected one of to, via, upstream, deny, local or a requestRedirect");
            return Optional.empty();
        }
        if (redirects) {
            return Optional.empty();
        }
        if (fields.has("deny")) {
            if (!fields.one("deny", Boolean.class).orElse(true)) {
                problems.add(fields.at("deny"), "false: expected true, or another action");
            }
            return Optional.of(new Route.Deny());
        }
        if (fields.has("local")) {
            return Optional.of(local(fields));
        }
        return Optional.of(forward(fields));
    }

    private Route.Action local(Fields fields) {
        Fields local = fields.fields("local");
        boolean health = local.one("health", Boolean.class).orElse(false);
        boolean fixed = local.has("status") || local.has("body") || local.has("headers");
        if (ConfigReader.whole(fields, "local") && (health ? fixed : !local.has("status"))) {
            problems.add(fields.at("local"), "expected status, or health: true alone");
        }
        int status = local.one("status", Integer.class).orElse(200);
        String body = local.one("body", String.class).orElse("");
        if (WITHOUT_CONTENT.contains(status) && !body.isEmpty()) {
            problems.add(local.at("body"), "beside status " + status + ": expected none, as it has no content");
        }
        return health ? new Route.Ready() : new Route.Local(status, FilterReader.headers(local), body);
    }

    private Route.Forward forward(Fields fields) {
        Fields upstream = fields.fields("upstream");
        Optional<HostPort> through = upstream.one("proxy", UpstreamProxy.class).map(UpstreamProxy::address);
        if (fields.has("via") && fields.has("upstream")) {
            problems.add(fields.at("upstream"), "beside via: expected one of them");
        }
        List<Carrier> via = fields.has("upstream") ? upstream(upstream) : via(fields);
        List<Route.Destination> to = fields.has("to")
                ? destinations(fields, "to", 1, via, through)
                : List.of(new Route.Destination(Optional.empty(), 1, via, through));
        HttpVersion http = upstream.one("http", HttpVersion.class).orElse(HttpVersion.AUTO);
        to = to.stream().map(destination -> destination.withHttp(http)).toList();
        return new Route.Forward(to, fields.one("balance", Balance.class), health(fields));
    }

    private List<Route.Destination> destinations(
            Fields fields, String key, int weight, List<Carrier> via, Optional<HostPort> through) {
        List<Route.Destination> destinations = new ArrayList<>();
        for (Value value : fields.values(key)) {
            Optional<String> target = Optional.empty();
            int share = weight;
            if (value instanceof Value.Scalar brief) {
                target = Optional.of((String) brief.value());
            } else if (value instanceof Fields full) {
                target = full.one("endpoint", String.class);
                share = full.one("weight", Integer.class).orElse(weight);
            }
            if (target.isPresent()) {
                destinations.add(new Route.Destination(target, share, via, through));
            }
        }
        if (!destinations.isEmpty() && destinations.stream().allMatch(d -> d.weight() == 0)) {
            problems.add(fields.at(key), "every weight is 0: expected one above 0");
        }
        return destinations;
    }

    private Optional<Route.Health> health(Fields fields) {
        if (!fields.has("health")) {
            return Optional.empty();
        }
        Fields health = fields.fields("health");
        boolean tcp = health.one("tcp", Boolean.class).orElse(false);
        if (tcp && health.has("http")) {
            problems.add(health.at("http"), "beside tcp: expected one of them");
        } else if (!tcp
                && !health.has("http")
                && ConfigReader.whole(health, "tcp")
                && ConfigReader.whole(fields, "health")) {
            problems.add(fields.at("health"), "no check: expected tcp: true or http: /path");
        }
        if (!fields.has("to")) {
            problems.add(fields.at("health"), "without to: expected to, the destinations to check");
        }
        return Optional.of(new Route.Health(
                health.one("http", String.class),
                health.one("every", Duration.class).orElse(HEALTH_EVERY)));
    }

    /** The carriers of {@code via}, down to the socket. */
    private List<Carrier> via(Fields fields) {
        List<String> words = new ArrayList<>(fields.all("via", String.class));
        if (words.isEmpty()) {
            return List.of();
        }
        for (String word : words) {
            if (PROXIES.contains(word)) {
                problems.add(fields.at("via"), word + ": needs an address: expected upstream.proxy of a route");
            }
        }
        if (!words.contains("tcp")) {
            words.add("tcp");
        }
        List<Carrier> layers = CarrierWords.layers(words);
        List<Carrier> once =
                layers.stream().filter(layer -> !TUNNELS.contains(layer.name())).toList();
        if (words.indexOf("tcp") < words.size() - 1 || new HashSet<>(once).size() < once.size()) {
            problems.add(fields.at("via"), "order " + words + ": expected each carrier once and tcp last");
        }
        return layers;
    }

    /** Innermost first: TLS is spoken inside the PROXY header's connection, which goes through the upstream proxy. */
    private List<Carrier> upstream(Fields upstream) {
        List<Carrier> carriers = new ArrayList<>();
        if (upstream.has("tls")) {
            carriers.add(new Carrier("tls", tls(upstream.fields("tls"))));
        }
        upstream.one("proxyProtocol", String.class).ifPresent(version -> {
            String word = "proxy-" + version;
            if (!vocabulary.carriers().contains(word)) {
                problems.add(upstream.at("proxyProtocol"), version + ": not in this release");
            }
            carriers.add(Carrier.of(word));
        });
        Optional<UpstreamProxy> proxy = upstream.one("proxy", UpstreamProxy.class);
        proxy.ifPresent(to -> carriers.add(to.carrier()));
        if (upstream.has("websocket")) {
            webSocket(upstream.fields("websocket"), proxy.map(UpstreamProxy::address), carriers);
        }
        if (carriers.isEmpty() && upstream.values().isEmpty() && !upstream.equals(Fields.NONE)) {
            problems.add(upstream.place(), "empty: expected tls, proxyProtocol, proxy, websocket or http");
        }
        if (carriers.isEmpty() && upstream.has("http")) {
            return List.of(); // The way stays what discovery says.
        }
        carriers.add(Carrier.TCP);
        return carriers;
    }

    /** Where the WebSocket ends is the proxy, when there is one. */
    private void webSocket(Fields fields, Optional<HostPort> proxy, List<Carrier> carriers) {
        Map<String, String> options = new HashMap<>();
        fields.one("path", String.class).ifPresent(path -> options.put("path", path));
        proxy.ifPresent(address -> options.put("host", address.toString()));
        carriers.add(new Carrier("ws", options));
        if (fields.has("tls")) {
            Map<String, String> tls = tls(fields.fields("tls"));
            proxy.ifPresent(address -> tls.putIfAbsent("serverName", address.host()));
            carriers.add(new Carrier("tls", tls));
        }
    }

    private Map<String, String> tls(Fields tls) {
        Map<String, String> options = new HashMap<>();
        ConfigReader.file(tls, "ca", name -> folder.pem(name, "CERTIFICATE"), problems)
                .ifPresent(file -> options.put("ca", file.toString()));
        tls.one("serverName", String.class).ifPresent(name -> options.put("serverName", name));
        return options;
    }
}
