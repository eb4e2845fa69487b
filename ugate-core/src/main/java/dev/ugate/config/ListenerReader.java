package dev.ugate.config;

import dev.ugate.config.ListenAddress.Medium;
import dev.ugate.config.ListenerConfig.App;
import dev.ugate.config.ListenerConfig.Capture;
import dev.ugate.config.ListenerConfig.Duty;
import dev.ugate.config.ListenerConfig.Role;
import dev.ugate.config.ListenerConfig.Targets;
import dev.ugate.config.users.Users;
import dev.ugate.config.yaml.Problems;
import dev.ugate.config.yaml.Value.Fields;
import dev.ugate.model.Cidr;
import dev.ugate.model.HostPort;
import dev.ugate.spi.Ingress;
import dev.ugate.spi.Ingress.Forward;
import dev.ugate.spi.Ingress.HttpRules;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads {@code listeners}. */
final class ListenerReader {
    private static final List<String> STREAMS_ONLY = List.of(
            "protocols", "users", "proxyProtocol", "fallback", "silent", "port", "http", "capture", "app", "names");
    private static final List<String> DETECTION_ONLY =
            List.of("protocols", "fallback", "silent", "users", "port", "http", "capture", "app", "names");
    private static final List<String> OWN_TARGET = List.of("fallback", "silent", "port", "users");

    /** The word of {@code protocols} for peers that prove who they are. */
    private static final String MESH = "hbone";

    /** What a captured client may be recognised by without being answered. */
    private static final List<String> PASSED = List.of("tls", "http");

    private final Folder folder;
    private final Problems problems;

    ListenerReader(Folder folder, Problems problems) {
        this.folder = folder;
        this.problems = problems;
    }

    /** {@code clientCertificates} tells whether TLS can authenticate a client. */
    List<ListenerConfig> listeners(Fields root, boolean clientCertificates) {
        List<ListenerConfig> listeners = new ArrayList<>();
        Map<ListenAddress, Integer> lines = new HashMap<>();
        for (Fields fields : root.each("listeners")) {
            Optional<ListenAddress> address = fields.one("address", ListenAddress.class);
            Integer line = address.map(
                            a -> lines.putIfAbsent(a, fields.at("address").line()))
                    .orElse(0);
            if (line > 0) {
                problems.add(
                        fields.at("address"),
                        "address " + address.get() + ": already in line " + line + ": expected it once");
            }
            address.ifPresent(a -> listeners.add(listener(fields, a, clientCertificates)));
        }
        return listeners;
    }

    private ListenerConfig listener(Fields fields, ListenAddress address, boolean clientCertificates) {
        Duty duty = duty(fields, address);
        boolean open = address.local() || duty.capture().isPresent();
        Forward forward = fields.one("forward", Forward.class).orElse(open ? Forward.OPEN : Forward.NONE);
        boolean members = fields.all("protocols", String.class).contains(MESH);
        if (forward == Forward.AUTHENTICATED && !fields.has("users") && !clientCertificates && !members) {
            problems.add(
                    fields.at("forward"),
                    "authenticated: nobody can be: expected users, or a certificate with clientAuth");
        }
        checkTargets(fields, address);
        checkSilent(fields);
        return new ListenerConfig(
                address,
                duty.capture().isPresent() && !fields.has("protocols")
                        ? PASSED
                        : protocols(fields.all("protocols", String.class)),
                duty,
                forward,
                ConfigReader.file(fields, "users", this::users, problems),
                fields.fields("proxyProtocol").all("trusted", Cidr.class),
                new Targets(
                        fields.one("port", Integer.class),
                        fields.one("target", HostPort.class),
                        fields.one("fallback", HostPort.class),
                        fields.one("silent", String.class)),
                http(fields.fields("http")));
    }

    /** With those that the others need. */
    private static List<String> protocols(List<String> words) {
        Set<String> all = new LinkedHashSet<>(words);
        words.forEach(word -> all.addAll(Vocabulary.USES.getOrDefault(word, List.of())));
        return List.copyOf(all);
    }

    private Duty duty(Fields fields, ListenAddress address) {
        Role role = fields.one("role", Role.class).orElse(Role.GATEWAY);
        Optional<Capture> capture = fields.one("capture", Capture.class);
        checkDuty(fields, role, address);
        boolean inbound = fields.has("app")
                || role == Role.SIDECAR && !address.local() && capture.isEmpty() && !fields.has("target");
        Optional<App> app = inbound
                ? Optional.of(new App(
                        fields.one("app", InetAddress.class).orElse(InetAddress.getLoopbackAddress()),
                        fields.one("appProxyProtocol", String.class),
                        fields.all("names", String.class)))
                : Optional.empty();
        return new Duty(role, capture, app);
    }

    private void checkDuty(Fields fields, Role role, ListenAddress address) {
        if (role != Role.SIDECAR) {
            refuse(fields, List.of("app"), "role " + Effective.text(role) + ": expected role sidecar");
        }
        if (role != Role.SIDECAR || address.local() && !fields.has("app")) {
            refuse(
                    fields,
                    List.of("names", "appProxyProtocol"),
                    "without an application: expected role sidecar and app");
        }
        if (fields.has("capture")) {
            refuse(fields, OWN_TARGET, "with capture: every connection has its own destination: expected one of them");
            if (address.medium() != Medium.TCP) {
                problems.add(fields.at("capture"), "on " + address + ": expected a tcp address");
            }
        }
    }

    private static HttpRules http(Fields fields) {
        HttpRules standard = HttpRules.STANDARD;
        return new HttpRules(
                fields.one("forwarded", HttpRules.Forwarded.class).orElse(standard.forwarded()),
                fields.one("trace", HttpRules.Trace.class).orElse(standard.trace()),
                fields.one("encodedSlash", HttpRules.EncodedSlash.class).orElse(standard.encodedSlash()),
                fields.all("trusted", Cidr.class),
                fields.has("websocket") ? Optional.of(webSocket(fields.fields("websocket"))) : Optional.empty());
    }

    private static Ingress.WebSocket webSocket(Fields fields) {
        return new Ingress.WebSocket(
                fields.one("path", String.class).orElse(Ingress.WebSocket.PATH), fields.all("origins", String.class));
    }

    private void checkTargets(Fields fields, ListenAddress address) {
        boolean udp = address.medium() == Medium.UDP;
        if (udp && !fields.has("target")) {
            problems.add(fields.at("address"), "udp without target: expected target, host:port of the datagrams");
        }
        if (udp) {
            refuse(fields, STREAMS_ONLY, "udp: expected it on a tcp or unix address");
        } else if (fields.has("target")) {
            refuse(fields, DETECTION_ONLY, "with target: nothing is detected: expected one of them");
        }
    }

    private void checkSilent(Fields fields) {
        List<String> detected = fields.all("protocols", String.class);
        fields.one("silent", String.class)
                .filter(word -> !detected.isEmpty() && !detected.contains(word))
                .ifPresent(word ->
                        problems.add(fields.at("silent"), word + ": not detected here: expected it among protocols"));
    }

    private void refuse(Fields fields, List<String> keys, String why) {
        for (String key : keys) {
            if (fields.has(key)) {
                problems.add(fields.at(key), why);
            }
        }
    }

    private Users users(String name) {
        Path file = folder.inside(name);
        return Users.parse(file, Folder.text(file), problems);
    }
}
