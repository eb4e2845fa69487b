package dev.ugate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.app.Client;
import dev.ugate.app.Json;
import dev.ugate.app.Running;
import dev.ugate.app.Upstream;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that ask, of a running instance and without one. */
final class CommandsTest {
    private static final String DECISIONS = """
            routes:
              - {name: shop, match: {host: "*.shop.example"}, to: 192.0.2.7:80}
              - {name: blocked, match: {host: bad.example}, deny: true}
              - {name: moved, match: {host: api.example, path: /old}, filters: [{requestRedirect: {scheme: https}}]}
              - name: api
                match: {host: api.example, path: /api, method: POST, headers: [{name: x-a, value: "1"}]}
                to: 192.0.2.8:80
                filters: [{urlRewrite: {path: {replacePrefixMatch: /v2}}}]
            policy: {default: deny, allow: [{name: web, port: [80, 443]}, {name: ann, from: "user:ann", port: 22}]}
            discovery: {chain: [config], config: {services: [{name: db.m, endpoints: ["192.0.2.9:5432"]}]}}
            """;

    @TempDir
    Path folder;

    /** Runs a command against this test's file and state directory. */
    private Said ugate(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of(
                "-c",
                folder.resolve("ugate.yaml").toString(),
                "--state",
                folder.resolve("state").toString()));
        return Said.by(all.toArray(String[]::new));
    }

    private void decides() {
        Said shop = ugate("explain", "www.shop.example:80");
        assertThat(shop.code()).isZero();
        assertThat(shop.out())
                .contains("carried")
                .contains("allowed by web")
                .contains("route: shop")
                .contains("192.0.2.7:80");

        Said denied = ugate("explain", "www.shop.example:25");
        assertThat(denied.code()).isEqualTo(1);
        assertThat(denied.out()).contains("refused").contains("denied by default");

        assertThat(ugate("explain", "bad.example:80").out()).contains("route blocked: denied");
        assertThat(ugate("explain", "db.m:22", "--from", "192.0.2.1").code()).isEqualTo(1);
        assertThat(ugate("explain", "db.m:22", "--from", "user:ann").out()).contains("allowed by ann");
        assertThat(ugate("explain", "no such:host:name").code()).isEqualTo(1);

        Said request =
                ugate("explain", "api.example:80", "--method", "POST", "--path", "/api/x?y", "--header", "X-A: 1");
        assertThat(request.out())
                .contains("route: api", "filter: urlRewrite", "192.0.2.8:80")
                .contains("carried");
        assertThat(ugate("explain", "api.example:80", "--path", "/api").out()).doesNotContain("route: api");
        assertThat(ugate("explain", "api.example:80", "--path", "/old/x").out())
                .contains("route: moved", "answer: ", "carried");

        Said json = ugate("explain", "www.shop.example:80", "-o", "json", "--protocol", "tls");
        Map<String, Object> explained = Json.object(json.out());
        assertThat(explained).containsEntry("carried", true).containsEntry("target", "www.shop.example:80");
        assertThat(Json.list(explained, "steps"))
                .anySatisfy(
                        step -> assertThat(step).containsEntry("by", "route").containsEntry("says", "shop"));
    }

    private void resolves() {
        Said text = ugate("resolve", "db.m");
        assertThat(text.code()).isZero();
        assertThat(text.out()).contains("source config").contains("192.0.2.9:5432");
        Map<String, Object> json =
                Json.object(ugate("resolve", "db.m", "-o", "json").out());
        assertThat(json).containsEntry("source", "config").containsEntry("name", "db.m");
        assertThat(Json.list(json, "endpoints")).hasSize(1);
        Said unknown = ugate("resolve", "nobody.example");
        assertThat(unknown.code()).isEqualTo(1);
        assertThat(unknown.out()).contains("nobody.example: no source knows it");
    }

    @Test
    void explainsAndResolvesWithoutInstanceAndSaysSo() throws IOException {
        Running.write(folder, Running.OPEN, DECISIONS);
        decides();
        resolves();
        assertThat(ugate("resolve", "db.m").err())
                .contains("no instance answers at " + folder.resolve("state"))
                .contains("ugate.yaml");
        assertThat(folder.resolve("log.jsonl")).doesNotExist();
    }

    @Test
    void asksTheRunningInstanceWhateverTheFileSaysNow() throws IOException {
        try (Running running = Running.of(folder, Running.OPEN, DECISIONS)) {
            Files.writeString(running.file(), "version: 1\n");
            decides();
            resolves();
            assertThat(ugate("resolve", "db.m").err()).isEmpty();
        }
    }

    @Test
    void explainsWhatTheListenerWouldDo() throws IOException {
        Running.write(folder, Running.OPEN.replace("open", "none"), DECISIONS);
        Said none = ugate("explain", "db.m:80");
        assertThat(none.code()).isEqualTo(1);
        assertThat(none.out()).contains("does not forward");
        assertThat(ugate("explain", "www.shop.example:80").code()).isZero();
    }

    @Test
    void tellsWhomAnEndpointMustProveToBe() throws IOException {
        String db = "spiffe://a/ns/db/sa/db";
        Running.write(
                folder,
                Running.OPEN,
                Running.LOCAL,
                "discovery: {chain: [config], config: {services: [{name: db.m, endpoints: [\"192.0.2.9:15008\"],"
                        + " via: [hbone], identity: \"" + db + "\"}]}}\n");
        assertThat(ugate("explain", "db.m:5432").out())
                .contains("endpoint db.m:5432 at 192.0.2.9:15008 via hbone,mtls,tcp weight 1 expects " + db + ": ");
        assertThat(ugate("resolve", "db.m").out()).contains(" expects " + db);
        assertThat(Json.list(Json.object(ugate("resolve", "db.m", "-o", "json").out()), "endpoints"))
                .singleElement()
                .satisfies(endpoint -> assertThat(endpoint).containsEntry("identity", db));
    }

    @Test
    void explainsWhoAsksAndFromWhere() throws IOException {
        Running.write(
                folder,
                Running.OPEN,
                "policy: {default: deny, allow: [{name: here, from: 127.0.0.0/8},"
                        + " {name: web, from: \"spiffe://a/ns/web/**\", source: 10.0.0.0/8}]}\n");
        String web = "spiffe://a/ns/web/sa/one";
        Said near = ugate("explain", "192.0.2.7:80", "--from", web);
        assertThat(near.out()).startsWith("socks5 127.0.0.1:0 " + web + " by 127.0.0.1:0 -> ");
        assertThat(near.out()).contains("allowed by here");
        Said far = ugate("explain", "192.0.2.7:80", "--from", web, "--source", "10.1.2.3");
        assertThat(far.out()).contains("allowed by web").contains("carried");
        Said own = ugate("explain", "127.0.0.1:80", "--from", web, "--source", "10.1.2.3");
        assertThat(own.out()).contains("denied by special-address").contains("refused");
        assertThat(ugate("explain", "192.0.2.7:80", "--from", web, "--source", "198.51.100.1")
                        .out())
                .contains("denied by default");

        assertThat(ugate("explain", "192.0.2.7:80", "--from", "ann").out())
                .contains("from 'ann': expected an address, unix, spiffe://");
        assertThat(ugate("explain", "192.0.2.7:80", "--from", "spiffe://a/**").out())
                .contains("from 'spiffe://a/**': expected");
        assertThat(ugate("explain", "192.0.2.7:80", "--from", web, "--source", "there")
                        .out())
                .contains("source 'there': expected an address");
        assertThat(ugate("explain", "192.0.2.7:80", "--from", "10.0.0.1", "--source", "10.0.0.2")
                        .out())
                .contains("expected an identity with a source");
    }

    @Test
    void explainsWhatEachListenerOfASidecarWouldDo() throws IOException {
        Running.write(folder, """
                listeners:
                  - {address: "0.0.0.0:15008", role: sidecar, protocols: [hbone], names: orders.m}
                  - {address: "127.0.0.1:15001", role: sidecar, capture: redirect}
                  - {address: "127.0.0.1:1080", role: sidecar, forward: open}
                policy: {default: allow}
                """);
        String web = "spiffe://a/ns/web/sa/one";
        assertThat(ugate("explain", "192.0.2.7:80").out()).contains(" by 127.0.0.1:1080 -> ", "carried");
        assertThat(ugate("explain", "192.0.2.7:80", "--protocol", "http").out())
                .contains(" by 127.0.0.1:1080 -> ", "carried");
        assertThat(ugate("explain", "orders.m:80", "--protocol", "hbone", "--from", web)
                        .out())
                .contains(" by 0.0.0.0:15008 -> ", "route: app", "carried");
        assertThat(ugate("explain", "127.0.0.1:80", "--protocol", "hbone", "--from", web)
                        .out())
                .as("the address that it reached")
                .contains("route: app", "carried");
        assertThat(ugate("explain", "192.0.2.7:80", "--protocol", "hbone", "--from", web)
                        .out())
                .contains("target 192.0.2.7:80: not this node", "refused");
        assertThat(ugate("explain", "192.0.2.7:80", "--protocol", "tcp", "--listener", "127.0.0.1:15001")
                        .out())
                .contains(" by 127.0.0.1:15001 -> ", "carried");
        assertThat(ugate("explain", "www.example:80", "--protocol", "tcp", "--listener", "127.0.0.1:15001")
                        .out())
                .contains("expected an address: what is captured was going to one");
        assertThat(ugate("explain", "192.0.2.7:80", "--listener", "127.0.0.1:9").out())
                .contains("listener 127.0.0.1:9: unknown: expected one of [0.0.0.0:15008,");
    }

    @Test
    void tellsStatusAndStreams() throws IOException {
        try (Upstream upstream = Upstream.echo();
                Running running = Running.of(folder, Running.OPEN, Running.LOCAL);
                Socket tunnel = Client.socks5(running.address(), "127.0.0.1", upstream.port())) {
            assertThat(Client.echoes(tunnel, "alive")).isTrue();
            Said status = ugate("status");
            assertThat(status.code()).isZero();
            assertThat(status.out()).contains("ready").contains("streams 1");
            assertThat(Json.object(ugate("status", "-o", "json").out())).containsEntry("streams", 1.0);
            Said streams = ugate("streams");
            assertThat(streams.code()).isZero();
            assertThat(streams.out()).contains(upstream.at());
            assertThat(Json.list(Json.object(ugate("streams", "-o", "json").out()), "streams"))
                    .hasSize(1);

            running.app().drain();
            Said draining = ugate("status");
            assertThat(draining.code()).isEqualTo(1);
            assertThat(draining.out()).contains("draining");
        }
        Said stopped = ugate("status");
        assertThat(stopped.code()).isEqualTo(1);
        assertThat(stopped.err()).contains("no instance answers");
    }

    @Test
    void dialsThroughTheRunningInstanceWhichLogsIt() throws IOException {
        try (Upstream upstream = Upstream.echo();
                Running running = Running.of(folder, Running.OPEN, Running.LOCAL)) {
            Said said = Said.given(
                    "through\n",
                    "dial",
                    upstream.at(),
                    "--state",
                    running.state().toString());
            assertThat(said).isEqualTo(new Said(0, "through\n", ""));
            assertThat(upstream.accepted()).isEqualTo(1);
            org.awaitility.Awaitility.await()
                    .untilAsserted(() -> assertThat(running.accessLines()).hasSize(1));
            assertThat(Json.object(running.accessLines().get(0)))
                    .containsEntry("listener", "admin")
                    .containsEntry("to", upstream.at())
                    .containsEntry("bytes_in", 8.0)
                    .containsEntry("reason", "ok");
        }
    }

    @Test
    void dialsInThisProcessWithoutInstanceUnderTheFilesPolicy() throws IOException {
        try (Upstream upstream = Upstream.echo()) {
            Running.write(
                    folder,
                    Running.OPEN,
                    "policy: {default: deny, allow: [{name: here, to: 127.0.0.1, port: " + upstream.port() + "}]}\n");
            Said said = Said.given(
                    "alone\n",
                    "dial",
                    upstream.at(),
                    "-c",
                    folder.resolve("ugate.yaml").toString(),
                    "--state",
                    folder.resolve("state").toString());
            assertThat(said.code()).isZero();
            assertThat(said.out()).isEqualTo("alone\n");

            Said denied = ugate("dial", "127.0.0.1:1");
            assertThat(denied.code()).isEqualTo(1);
            assertThat(denied.err())
                    .contains("dial 127.0.0.1:1: ")
                    .contains("denies")
                    .doesNotContain("\tat ");
        }
    }

    @Test
    void saysWhyTheInstanceRefusedToDial() throws IOException {
        try (Running running = Running.of(folder, Running.OPEN, DECISIONS)) {
            Said denied = ugate("dial", "db.m:25");
            assertThat(denied.code()).isEqualTo(1);
            assertThat(denied.err()).contains("ugate: dial db.m:25: ").contains("denied");
            assertThat(ugate("dial", "no port").code()).isEqualTo(1);
            assertThat(running.state()).exists();
        }
    }
}
