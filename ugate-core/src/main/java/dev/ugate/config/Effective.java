package dev.ugate.config;

import dev.ugate.config.dns.DnsKeys;
import dev.ugate.config.http.HttpText;
import dev.ugate.config.mesh.CarrierWords;
import dev.ugate.config.mesh.MeshText;
import dev.ugate.config.rules.RuleText;
import dev.ugate.config.ssh.SshText;
import dev.ugate.config.yaml.Writer;
import dev.ugate.model.Balance;
import dev.ugate.model.Carrier;
import dev.ugate.model.HostPort;
import dev.ugate.model.Ip;
import dev.ugate.model.Route;
import dev.ugate.model.http.HttpVersion;
import dev.ugate.route.Match;
import dev.ugate.spi.Ingress.HttpRules;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Writes a configuration back as YAML, with every default spelled out. */
record Effective(String hidden) {
    private static final HttpText HTTP = new HttpText(Durations::text);

    String yaml(Config config) {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("version", 1);
        root.put("listeners", config.listeners().stream().map(this::listener).toList());
        root.put("routes", config.routes().stream().map(this::route).toList());
        root.put("policy", RuleText.policy(config.policy()));
        root.put("discovery", discovery(config.discovery()));
        root.put("mesh", MeshText.of(config.mesh()));
        root.put("ssh", SshText.of(config.ssh()));
        root.put(
                "tls",
                Map.of(
                        "certificates",
                        config.certificates().stream().map(this::certificate).toList()));
        root.put("loops", loops(config.process().loops()));
        root.put("admin", Map.of("address", address(config.process().admin())));
        root.put("timeouts", bounds(Bound.TIMEOUTS, config.timeouts()));
        root.put("limits", bounds(Bound.LIMITS, config.limits()));
        root.put("log", log(config.process().log()));
        return Writer.write(root);
    }

    /** Text of one value as the reader takes it. */
    static Object text(Object value) {
        if (value instanceof Duration duration) {
            return Durations.text(duration);
        }
        if (value instanceof Enum<?> word) {
            return Forms.word(word, word instanceof ProcessConfig.Backend ? "_" : "-");
        }
        return value instanceof Number || value instanceof Boolean ? value : value.toString();
    }

    private Map<String, Object> listener(ListenerConfig listener) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("address", text(listener.address()));
        list(out, "protocols", listener.protocols());
        duty(out, listener.duty());
        out.put("forward", text(listener.forward()));
        listener.users().ifPresent(users -> out.put("users", text(users.file())));
        if (!listener.trustedProxies().isEmpty()) {
            out.put("proxyProtocol", Map.of("trusted", texts(listener.trustedProxies())));
        }
        one(out, "port", listener.targets().port());
        one(out, "target", listener.targets().target());
        one(out, "fallback", listener.targets().fallback());
        one(out, "silent", listener.targets().silent());
        if (!listener.http().equals(HttpRules.STANDARD)) {
            out.put("http", http(listener.http()));
        }
        return out;
    }

    private static void duty(Map<String, Object> out, ListenerConfig.Duty duty) {
        out.put("role", text(duty.role()));
        one(out, "capture", duty.capture());
        duty.app().ifPresent(app -> {
            out.put("app", Ip.text(app.address()));
            one(out, "appProxyProtocol", app.header());
            list(out, "names", app.names());
        });
    }

    private static Map<String, Object> http(HttpRules http) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("forwarded", text(http.forwarded()));
        out.put("trace", text(http.trace()));
        out.put("encodedSlash", text(http.encodedSlash()));
        list(out, "trusted", http.trusted());
        http.webSocket().ifPresent(carrier -> {
            Map<String, Object> webSocket = new LinkedHashMap<>();
            webSocket.put("path", carrier.path());
            list(webSocket, "origins", carrier.origins());
            out.put("websocket", webSocket);
        });
        return out;
    }

    private Map<String, Object> route(Route route) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("name", route.name());
        if (route.when() instanceof Match match) {
            out.put("match", match(match));
        }
        if (route.action() instanceof Route.Deny) {
            out.put("deny", true);
        } else if (route.action() instanceof Route.Local local) {
            out.put("local", HttpText.local(local));
        } else if (route.action() instanceof Route.Ready) {
            out.put("local", Map.of("health", true));
        } else if (route.action() instanceof Route.Forward forward) {
            forward(out, forward);
        }
        HTTP.filters(out, route);
        return out;
    }

    private static Map<String, Object> match(Match match) {
        Map<String, Object> out = new LinkedHashMap<>();
        list(out, "host", match.hosts());
        list(out, "cidr", match.cidrs());
        list(out, "port", match.ports());
        list(out, "protocol", match.protocols());
        list(out, "from", match.from());
        HttpText.match(out, match.http());
        return out;
    }

    private void forward(Map<String, Object> out, Route.Forward forward) {
        List<Map<String, Object>> to = destinations(forward.to());
        if (!to.isEmpty()) {
            out.put("to", to);
        }
        forward.to().stream().findFirst().ifPresent(first -> way(out, first));
        one(out, "balance", forward.balance());
        forward.health().ifPresent(health -> {
            Map<String, Object> check = new LinkedHashMap<>();
            health.path().ifPresentOrElse(path -> check.put("http", path), () -> check.put("tcp", true));
            check.put("every", text(health.every()));
            out.put("health", check);
        });
    }

    private static List<Map<String, Object>> destinations(List<Route.Destination> destinations) {
        List<Map<String, Object>> out = new ArrayList<>();
        for (Route.Destination destination : destinations) {
            destination.target().ifPresent(target -> {
                Map<String, Object> entry = new LinkedHashMap<>();
                entry.put("endpoint", target);
                entry.put("weight", destination.weight());
                out.add(entry);
            });
        }
        return out;
    }

    /** Options can only come from {@code upstream}; without any, the words of {@code via} say the same. */
    private void way(Map<String, Object> out, Route.Destination destination) {
        if (CarrierWords.isTold(destination.via())
                && destination.through().isEmpty()
                && destination.http() == HttpVersion.AUTO) {
            list(out, "via", CarrierWords.words(destination.via()));
            return;
        }
        Map<String, Object> upstream = new LinkedHashMap<>();
        Map<String, Object> tls = upstream;
        for (Carrier carrier : destination.via()) {
            if (carrier.name().equals("tls")) {
                tls.put("tls", new TreeMap<>(carrier.options()));
            } else if (carrier.name().equals("ws")) {
                tls = new LinkedHashMap<>();
                one(tls, "path", Optional.ofNullable(carrier.options().get("path")));
                upstream.put("websocket", tls);
            } else if (carrier.name().startsWith("proxy-")) {
                upstream.put("proxyProtocol", carrier.name().substring("proxy-".length()));
            } else if (destination.through().isPresent() && !carrier.equals(Carrier.TCP)) {
                upstream.put(
                        "proxy",
                        new UpstreamProxy(carrier, destination.through().get()).url(hidden));
            }
        }
        if (destination.http() != HttpVersion.AUTO) {
            upstream.put("http", destination.http().word());
        }
        out.put("upstream", upstream);
    }

    private Map<String, Object> discovery(DiscoveryConfig discovery) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("chain", discovery.chain());
        if (!discovery.services().isEmpty()) {
            out.put(
                    "config",
                    Map.of(
                            "services",
                            discovery.services().stream().map(this::service).toList()));
        }
        out.put("dns", DnsKeys.written(discovery.dns(), Effective::text));
        return out;
    }

    private Map<String, Object> service(DiscoveryConfig.Service service) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("name", service.name());
        out.put("endpoints", destinations(service.endpoints()));
        service.endpoints().stream().findFirst().ifPresent(first -> way(out, first));
        service.endpoints().stream()
                .findFirst()
                .map(first -> CarrierWords.gateway(first.via()))
                .filter(said -> !said.isEmpty())
                .ifPresent(said -> out.put("gateway", said));
        one(out, "identity", service.identity());
        one(out, "publicKey", service.publicKey());
        Optional<Balance> balance = service.balance();
        one(out, "balance", balance);
        return out;
    }

    private Map<String, Object> certificate(CertificateFiles files) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("cert", text(files.cert()));
        out.put("key", text(files.key()));
        out.put("clientAuth", text(files.clientAuth()));
        one(out, "ca", files.ca());
        return out;
    }

    private static Map<String, Object> loops(ProcessConfig.Loops loops) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("count", loops.count().isPresent() ? loops.count().get() : "auto");
        out.put("backend", text(loops.backend()));
        if (loops.mark() != 0) {
            out.put("mark", loops.mark());
        }
        return out;
    }

    private static Map<String, Object> log(ProcessConfig.Log log) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("level", text(log.level()));
        out.put("access", text(log.access()));
        one(out, "file", log.file());
        return out;
    }

    private static <T> Map<String, Object> bounds(List<Bound<T>> bounds, T values) {
        Map<String, Object> out = new LinkedHashMap<>();
        bounds.forEach(bound -> out.put(bound.key(), text(bound.value().apply(values))));
        return out;
    }

    private static String address(InetSocketAddress address) {
        return new HostPort(Ip.text(address.getAddress()), address.getPort()).toString();
    }

    private static void one(Map<String, Object> out, String key, Optional<?> value) {
        value.ifPresent(present -> out.put(key, text(present)));
    }

    private static void list(Map<String, Object> out, String key, List<?> values) {
        if (!values.isEmpty()) {
            out.put(key, texts(values));
        }
    }

    private static List<Object> texts(List<?> values) {
        List<Object> out = new ArrayList<>();
        values.forEach(value -> out.add(text(value)));
        return out;
    }
}
