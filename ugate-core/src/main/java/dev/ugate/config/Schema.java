package dev.ugate.config;

import static dev.ugate.config.Forms.many;
import static dev.ugate.config.Forms.words;
import static dev.ugate.config.yaml.Kind.key;
import static dev.ugate.config.yaml.Kind.mapping;

import dev.ugate.config.CertificateFiles.ClientAuth;
import dev.ugate.config.dns.DnsKeys;
import dev.ugate.config.http.HttpKeys;
import dev.ugate.config.http.WebSocketKeys;
import dev.ugate.config.mesh.CarrierWords;
import dev.ugate.config.mesh.MeshKeys;
import dev.ugate.config.rules.RuleKeys;
import dev.ugate.config.ssh.SshKeys;
import dev.ugate.config.yaml.Kind;
import dev.ugate.config.yaml.Kind.Mapping;
import dev.ugate.config.yaml.Kind.Sequence;
import dev.ugate.model.Balance;
import dev.ugate.model.Bytes;
import dev.ugate.model.Limits;
import dev.ugate.model.Timeouts;
import dev.ugate.model.http.HttpVersion;
import dev.ugate.spi.Ingress.Forward;
import dev.ugate.spi.Ingress.HttpRules;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Every key of the configuration: the one table behind the reader and the JSON Schema. */
final class Schema {
    private static final DnsKeys DNS = new DnsKeys(Forms.TIMEOUT, Forms.DELAY, Forms.count(1, 1_000_000));
    private static final HttpKeys HTTP = new HttpKeys(Forms.DESTINATION, Forms.TIMEOUT, Forms.DELAY, Forms.HOST);
    private static final MeshKeys MESH =
            new MeshKeys(Forms.PATH, Forms.NAME, Forms.HOST, Forms.TARGET, Forms.IDENTITY, Forms.PEER);
    private static final Kind BALANCE = words(Balance.class, "-");
    private static final Kind VERSION = new Kind.Word(
            Stream.of(HttpVersion.values()).map(HttpVersion::word).toList(),
            Stream.of(HttpVersion.values()).collect(Collectors.toMap(HttpVersion::word, Function.identity())),
            Map.of());

    private final Vocabulary vocabulary;

    Schema(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
    }

    Mapping root() {
        return mapping(
                key("version", Forms.VERSION, "format of this file").asRequired(),
                key("listeners", new Sequence(listener(), false), "where connections come in")
                        .asRequired(),
                key("routes", new Sequence(route(), true), "which way a stream goes; the first match wins"),
                key("policy", policy(), "who may reach what; default deny"),
                key("discovery", discovery(), "how names become endpoints"),
                key(
                        "tls",
                        mapping(key("certificates", new Sequence(certificate(), true), "what TLS is terminated with")),
                        "TLS"),
                key("loops", loops(), "event loops"),
                key(
                        "admin",
                        mapping(key("address", Forms.ADDRESS, "loopback TCP address; default 127.0.0.1:15000")),
                        "administration"),
                key("timeouts", timeouts(), "deadlines"),
                key("limits", limits(), "bounds on what peers can make ugate hold"),
                key("log", log(), "logging"),
                key("mesh", MESH.mesh(Forms.CIDR, Forms.ADDRESS, Vocabulary.LATER), "the mesh, and this node in it"),
                key("ssh", new SshKeys(Forms.PATH, Forms.FLAG).ssh(), "who logs in by SSH, and what this node shows"));
    }

    private Mapping listener() {
        return mapping(
                key("address", Forms.ADDRESS, "where it listens; 0.0.0.0 is IPv4 alone, [::] both")
                        .asRequired(),
                key(
                        "protocols",
                        new Sequence(word(and(vocabulary.protocols(), Vocabulary.USES.keySet())), false),
                        "what may be detected; default all"),
                key("role", words(ListenerConfig.Role.class, "-"), "what the listener is for; default gateway"),
                key(
                        "capture",
                        words(ListenerConfig.Capture.class, "-"),
                        "how connections come that were going elsewhere: redirect, of nftables"),
                key(
                        "app",
                        Forms.IP,
                        "address of the application of a sidecar; default 127.0.0.1 where others can connect"),
                key(
                        "appProxyProtocol",
                        Kind.words(List.of("v1", "v2"), Map.of()),
                        "PROXY header to the application; default none"),
                key("names", many(Forms.HOST), "names that this node serves beside its own"),
                key(
                        "forward",
                        words(Forward.class, "-"),
                        "whether targets without a route are carried; default open for loopback, unix and capture, else none"),
                key("users", Forms.PATH, "file of name:digest lines for SOCKS5 and Basic"),
                key(
                        "proxyProtocol",
                        mapping(key("trusted", many(Forms.CIDR), "sources that must begin with a PROXY header")
                                .asRequired()),
                        "PROXY protocol v1 and v2"),
                key("port", Forms.PORT, "port of targets that name none; default 443 for TLS, 80 for HTTP"),
                key("target", Forms.TARGET, "opaque: every connection goes there, nothing is detected"),
                key("fallback", Forms.TARGET, "where unknown and silent clients go"),
                key("http", http(), "what becomes of HTTP requests beyond carrying them"),
                key(
                        "silent",
                        Kind.words(List.of("ssh"), Map.of()),
                        "ssh: who says nothing for timeouts.sniffGrace is greeted as a client of SSH"));
    }

    private static Mapping http() {
        return mapping(
                key(
                        "forwarded",
                        words(HttpRules.Forwarded.class, "-"),
                        "fields that tell the upstream of an origin-form request who asked; default x-forwarded"),
                key(
                        "trace",
                        words(HttpRules.Trace.class, "-"),
                        "what becomes of traceparent, and whether one begins here; default propagate"),
                key(
                        "encodedSlash",
                        words(HttpRules.EncodedSlash.class, "-"),
                        "%2F in the path of an origin-form request; default reject"),
                key("trusted", many(Forms.CIDR), "proxies whose Forwarded and X-Forwarded-* count; default none"),
                key("websocket", WebSocketKeys.listener(), "takes connections in the messages of a WebSocket"));
    }

    private Mapping route() {
        return and(
                HTTP.route(),
                key("name", Forms.NAME, "of the route, in logs and metrics").asRequired(),
                key("match", match(), "which streams; default every stream"),
                key(
                        "to",
                        many(new Kind.Either(Forms.DESTINATION, destination())),
                        "where they go; default their own target"),
                key(
                        "via",
                        many(word(CarrierWords.via(vocabulary.carriers()))),
                        "carriers, innermost first; default those of discovery"),
                key("deny", Forms.FLAG, "true to refuse"),
                key("local", HttpKeys.local(Forms.count(200, 599)), "answer an HTTP request here"),
                key("balance", BALANCE, "order of the endpoints; default that of discovery, else round-robin"),
                key("health", health(), "active check of every destination"),
                key("upstream", upstream(), "how the destinations are reached"));
    }

    /** First the keys of streams, then those of requests. */
    private static Mapping and(List<Kind.Key> requests, Kind.Key... streams) {
        List<Kind.Key> keys = new ArrayList<>(List.of(streams));
        keys.addAll(requests);
        return new Mapping(keys);
    }

    private Mapping match() {
        return and(
                HttpKeys.match(),
                key("host", many(Forms.GLOB), "asked name or literal: name, *.domain or *"),
                key("cidr", many(Forms.CIDR), "asked literal, or destination before capture"),
                key("port", many(Forms.PORT), "asked port"),
                key("protocol", many(word(vocabulary.intents())), "word of the stream's protocol"),
                key("from", many(Forms.PEER), "who asks: identity, cidr, unix or *"));
    }

    private static Mapping destination() {
        return mapping(
                key("endpoint", Forms.DESTINATION, "host:port or unix:/path").asRequired(),
                key("weight", Forms.WEIGHT, "share among the endpoints; default 1"));
    }

    private static Mapping health() {
        return mapping(
                key("tcp", Forms.FLAG, "true to check by connecting"),
                key(
                        "http",
                        Kind.string("a path such as /healthz", "^/", Schema::healthPath),
                        "path that must answer below 400"),
                key("every", Forms.TIMEOUT, "time between checks; default 5s"));
    }

    private static String healthPath(String text) {
        if (!text.matches("/[!-~]{0,1023}")) {
            throw new IllegalArgumentException("path '" + text + "': expected / and visible ASCII");
        }
        return text;
    }

    private static Mapping upstream() {
        Mapping tls = mapping(
                key("ca", Forms.PATH, "PEM of the issuers to trust; default those of the JDK"),
                key("serverName", Forms.HOST, "name to ask for and verify; default the destination's"));
        return mapping(
                key("tls", tls, "TLS to the destination"),
                key("proxyProtocol", Kind.words(List.of("v1", "v2"), Map.of()), "PROXY header to the destination"),
                key("proxy", Forms.PROXY, "proxy to go through: " + UpstreamProxy.EXPECTED),
                key(
                        "http",
                        VERSION,
                        "version of HTTP for requests; default auto: what TLS settles by ALPN, else HTTP/1.1"),
                key(
                        "websocket",
                        WebSocketKeys.upstream(tls),
                        "messages of a WebSocket to the proxy or the destination"));
    }

    private Mapping policy() {
        return mapping(
                key(
                        "default",
                        Kind.words(List.of("deny", "allow"), Map.of()),
                        "answer when no rule matches; default deny"),
                key("deny", new Sequence(rule(), true), "rules that are asked first"),
                key("allow", new Sequence(rule(), true), "rules that are asked next"));
    }

    private Mapping rule() {
        return new RuleKeys(
                        Forms.NAME,
                        Forms.PEER,
                        Forms.GLOB,
                        Forms.CIDR,
                        Forms.PORT,
                        word(vocabulary.intents()),
                        Forms.FLAG)
                .rule();
    }

    private Mapping discovery() {
        return mapping(
                key("chain", new Sequence(word(vocabulary.sources()), false), "sources in order; default config, dns"),
                key(
                        "config",
                        mapping(key("services", new Sequence(service(), true), "services described here")),
                        "source config"),
                key("dns", DNS.dns(), "source dns"));
    }

    private Mapping service() {
        return mapping(
                key("name", Forms.HOST, "host of the targets it answers for").asRequired(),
                key("endpoints", many(new Kind.Either(Forms.DESTINATION, destination())), "where it runs")
                        .asRequired(),
                key(
                        "via",
                        many(word(CarrierWords.via(vocabulary.carriers()))),
                        "carriers, innermost first; default tcp"),
                key("gateway", gateway(), "who is on the way, for via: [hbone, hbone]"),
                key("identity", Forms.IDENTITY, "whom the endpoints must prove to be"),
                key("publicKey", MeshKeys.PUBLIC_KEY, "key of the node behind the name: its identity and its address"),
                key("balance", BALANCE, "order of the endpoints; default round-robin"),
                key("weight", Forms.WEIGHT, "of endpoints that name none; default 1"));
    }

    private static Mapping gateway() {
        return mapping(
                key("identity", Forms.IDENTITY, "whom it must prove to be; it is what listens at the endpoints")
                        .asRequired(),
                key("network", Forms.NAME, "our own network, as the far end is told"));
    }

    private static Mapping certificate() {
        return mapping(
                key("cert", Forms.PATH, "PEM of the chain, leaf first").asRequired(),
                key("key", Forms.PATH, "PEM of the private key, mode 0600").asRequired(),
                key("clientAuth", words(ClientAuth.class, "-"), "whether clients show a certificate; default none"),
                key("ca", Forms.PATH, "PEM of the issuers of client certificates"));
    }

    private static Mapping loops() {
        return mapping(
                key("count", Forms.countOrAuto(1024), "number of loops; default auto, one a processor"),
                key("backend", words(ProcessConfig.Backend.class, "_"), "what drives them; default epoll"),
                key(
                        "mark",
                        Forms.count(0, Integer.MAX_VALUE),
                        "SO_MARK of dialled connections, by which nftables can tell them; default 0, none"));
    }

    private static Mapping log() {
        return mapping(
                key("level", words(ProcessConfig.Level.class, "-"), "least severe record written; default info"),
                key("access", words(ProcessConfig.Access.class, "-"), "form of the one line a stream; default json"),
                key("file", Forms.PATH, "where to; default the standard error"));
    }

    private static Mapping timeouts() {
        return new Mapping(Bound.TIMEOUTS.stream()
                .map(bound -> bound(bound, Timeouts.STANDARD))
                .toList());
    }

    private static Mapping limits() {
        return new Mapping(Bound.LIMITS.stream()
                .map(bound -> bound(bound, Limits.STANDARD))
                .toList());
    }

    private static <T> Kind.Key bound(Bound<T> bound, T standard) {
        Object value = bound.value().apply(standard);
        Kind kind = value instanceof Duration duration
                ? duration.isZero() ? Forms.DELAY : Forms.TIMEOUT
                : value instanceof Bytes ? Forms.SIZE : count(bound.key(), value);
        return key(bound.key(), kind, bound.doc() + "; default " + Effective.text(value));
    }

    /** Zero is legal only where it has a meaning: where it is the default, and for no retries and no least rate. */
    private static Kind count(String key, Object standard) {
        return Forms.count(
                standard.equals(0) || key.equals("retries") || key.equals("minBodyRate") ? 0 : 1, Integer.MAX_VALUE);
    }

    private static List<String> and(List<String> words, Collection<String> more) {
        return Stream.concat(words.stream(), more.stream().sorted()).toList();
    }

    private static Kind word(List<String> words) {
        return Kind.words(words, Vocabulary.LATER);
    }
}
