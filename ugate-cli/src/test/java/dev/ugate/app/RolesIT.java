package dev.ugate.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ugate.testing.Authority;
import dev.ugate.testing.Peers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of conf/ for the roles of the mesh, as processes in a network of their own, with curl as the application. */
@Tag("interop")
final class RolesIT {
    private static final Path CONF = Path.of(System.getProperty("ugate.root", ".."), "conf");
    private static final Authority AUTHORITY = Authority.create();
    private static final String ID = "spiffe://cluster.local/ns/%1$s/sa/%1$s";

    /** As docs/roles.md has it, but for the application's user, which is curl's here. */
    private static final String RULES = """
            table inet ugate {
              chain output {
                type nat hook output priority -100
                meta skuid 0 return
                ip daddr 203.0.113.9 tcp dport 80 redirect to :15001
                ip daddr 10.77.0.1 tcp dport 8081 redirect to :15006
              }
            }
            """;

    @TempDir
    private Path folder;

    private final List<Spawned> gates = new ArrayList<>();
    private Namespace network;

    @BeforeEach
    void begin() throws IOException {
        Peers.require("curl", "setpriv");
        network = Namespace.of("10.77.0.1/24", "10.77.0.2/24", "10.77.0.3/24", "10.77.0.4/24", "203.0.113.9/32");
        network.start(Destinations.class, "web:8080=orders", "web:8081=probe", "web:80=outside");
        AUTHORITY.writeRoot(folder);
    }

    @AfterEach
    void end() throws IOException {
        gates.forEach(Spawned::close);
        if (network != null) {
            network.close();
        }
    }

    /** Starts a file of conf/ as {@code name}, with pairs of texts replaced, each of which must be in it. */
    private Path start(String file, String name, String... pairs) throws IOException {
        Path own = Files.createDirectories(folder.resolve(name));
        Authority.write(folder, name, AUTHORITY.issue(ID.formatted(name)));
        Authority.write(own, "web", AUTHORITY.issue("www.shop.example"));
        Files.writeString(own.resolve("egress-users.htpasswd"), "");
        String text = Files.readString(CONF.resolve(file));
        for (int i = 0; i < pairs.length; i += 2) {
            assertThat(text).contains(pairs[i]);
            text = text.replace(pairs[i], pairs[i + 1]);
        }
        String believes = "mode: strict, trust: [{domain: cluster.local, bundle: " + folder.resolve("ca.pem")
                + "}], certificate: {cert: " + folder.resolve(name + ".pem") + ", key: "
                + folder.resolve(name + ".key") + "}";
        text = text.contains("  mode: strict")
                ? text.replace(
                        "  mode: strict",
                        "  " + believes.replace(", trust", "\n  trust").replace(", cert", "\n  cert"))
                : text.replace("mode: strict", believes);
        text = text.replaceAll("(?m)^(version|admin|log|loops):.*\n", "");
        gates.add(Spawned.of(own, network.before(), List.of(), text));
        return own;
    }

    /** A sidecar beside the application whose servers run here, at 10.77.0.1. */
    private Path orders(String... more) throws IOException {
        List<String> pairs = new ArrayList<>(List.of(
                "0.0.0.0:15008",
                "10.77.0.1:15008",
                "\"[::]:15001\"",
                "10.77.0.1:15001",
                "\"[::]:15006\"",
                "127.0.0.1:15006",
                "127.0.0.1:1080",
                "127.0.0.1:1081",
                "/tmp/ugate-sidecar.sock",
                folder.resolve("orders.sock").toString()));
        pairs.addAll(List.of(more));
        return start("sidecar.yaml", "orders", pairs.toArray(String[]::new));
    }

    /** A sidecar beside curl, at 10.77.0.2, that knows one more service and one more route. */
    private Path web(String service, String route) throws IOException {
        return start(
                "sidecar.yaml",
                "web",
                "0.0.0.0:15008",
                "10.77.0.2:15008",
                "\"[::]:15001\"",
                "127.0.0.1:15001",
                "\"[::]:15006\"",
                "10.77.0.2:15006",
                "/tmp/ugate-sidecar.sock",
                folder.resolve("web.sock").toString(),
                "    services:\n",
                "    services:\n      - " + service + "\n",
                "routes:\n",
                "routes:\n" + route);
    }

    /** curl as the application: not the user that ugate runs as. */
    private String curl(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(
                List.of("setpriv", "--reuid=65534", "--clear-groups", "curl", "-sSf", "--max-time", "20"));
        command.addAll(List.of(arguments));
        return network.run(command.toArray(String[]::new));
    }

    private String proxied(String url) throws IOException {
        return curl("-x", "socks5h://127.0.0.1:1080", url);
    }

    private static void logged(Path own, String... parts) {
        await().untilAsserted(() -> assertThat(Files.readAllLines(own.resolve("log.jsonl")))
                .anySatisfy(line -> assertThat(line).contains(parts)));
    }

    private static String service(String name, String at, String identity) {
        return "{name: " + name + ", endpoints: [\"" + at + "\"], via: [hbone], identity: \"" + ID.formatted(identity)
                + "\"}";
    }

    @Test
    void sidecarsCarryTheirApplicationsTrafficOutAndIn() throws IOException {
        Path orders = orders();
        Path web = web(
                service("orders.m", "10.77.0.1:15008", "orders") + "\n      - "
                        + service("other.m", "10.77.0.1:15008", "orders"),
                "");
        network.filter(folder, RULES);

        assertThat(proxied("http://orders.m:8080/")).isEqualTo("orders");
        logged(orders, "\"protocol\":\"hbone\"", "\"identity\":\"" + ID.formatted("web") + "\"", "\"route\":\"app\"");
        assertThatThrownBy(() -> proxied("http://orders.m/"))
                .as("denied over there")
                .isInstanceOf(Exception.class);
        logged(orders, "\"to\":\"orders.m:80\"", "\"reason\":\"denied\"");
        assertThatThrownBy(() -> proxied("http://other.m:8080/"))
                .as("not this node (T62)")
                .isInstanceOf(Exception.class);
        logged(orders, "target other.m:8080: not this node");

        assertThat(curl("http://203.0.113.9/")).as("redirected").isEqualTo("outside");
        logged(web, "\"to\":\"203.0.113.9:80\"", "\"protocol\":\"http\"");
        assertThat(curl("http://10.77.0.1:8081/"))
                .as("redirected, on its way in")
                .isEqualTo("probe");
        logged(orders, "\"to\":\"10.77.0.1:8081\"", "\"protocol\":\"http\"");
        assertThatThrownBy(() -> proxied("http://billing.m:8080/"))
                .as("a member that is not there")
                .isInstanceOf(Exception.class);
    }

    @Test
    void anEgressCarriesMembersToWhatItsPolicyNames() throws IOException {
        Path egress =
                start("egress.yaml", "egress", "0.0.0.0:15008", "10.77.0.3:15008", "0.0.0.0:3128", "10.77.0.3:3128");
        web(
                service("egress.m", "10.77.0.3:15008", "egress"),
                "  - {name: out, match: {cidr: [203.0.113.0/24, 10.77.0.0/24]}, to: \"egress.m:15008\", via: [hbone]}\n");
        network.filter(folder, RULES);

        assertThat(proxied("http://203.0.113.9/")).isEqualTo("outside");
        assertThat(curl("http://203.0.113.9/")).as("redirected").isEqualTo("outside");
        logged(egress, "\"to\":\"203.0.113.9:80\"", "\"identity\":\"" + ID.formatted("web") + "\"");
        assertThatThrownBy(() -> proxied("http://10.77.0.1:8080/"))
                .as("private")
                .isInstanceOf(Exception.class);
        logged(egress, "\"to\":\"10.77.0.1:8080\"", "\"reason\":\"denied\"");
    }

    @Test
    void aGatewayReachesNodesThroughConnectionsOfTheirOwn() throws IOException {
        start("gateway.yaml", "gate", "0.0.0.0:15008", "10.77.0.4:15008", "0.0.0.0:8443", "10.77.0.4:8443");
        Path edge = start(
                "sidecar.yaml",
                "edge",
                "0.0.0.0:15008",
                "10.77.0.1:15008",
                "\"[::]:15001\"",
                "10.77.0.1:15001",
                "\"[::]:15006\"",
                "10.77.0.1:15006",
                "127.0.0.1:1080",
                "127.0.0.1:1081",
                "/tmp/ugate-sidecar.sock",
                folder.resolve("edge.sock").toString(),
                "from: \"spiffe://cluster.local/ns/web/**\", to: orders.m",
                "from: \"" + ID.formatted("gate") + "\", to: db.edge.m",
                "mode: strict",
                "mode: strict, reverse: [{gateway: \"10.77.0.4:15008\", identity: \"" + ID.formatted("gate")
                        + "\", names: db.edge.m}]");
        web(service("db.edge.m", "10.77.0.4:15008", "gate"), "");
        await().atMost(Duration.ofSeconds(30)).until(() -> gates.get(0).metric("ugate_reverse_names") == 1);

        assertThat(proxied("http://db.edge.m:8080/")).isEqualTo("orders");
        logged(edge, "\"to\":\"db.edge.m:8080\"", "\"identity\":\"" + ID.formatted("gate") + "\"");
        gates.get(1).close();
        await().atMost(Duration.ofSeconds(10)).until(() -> gates.get(0).metric("ugate_reverse_names") == 0);
        assertThatThrownBy(() -> proxied("http://db.edge.m:8080/")).as("gone").isInstanceOf(Exception.class);
    }
}
