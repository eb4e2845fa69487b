package dev.ugate.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.ugate.net.tls.Certificates;
import dev.ugate.protocols.Protocols;
import dev.ugate.spi.Protocol;
import dev.ugate.testing.Authority;
import dev.ugate.testing.FreePort;
import dev.ugate.testing.Peers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** E10: every protocol by its stock client at the same time on one port, each with a body of 5 MiB whose digest is compared. */
@Tag("interop")
@Timeout(150)
final class OnePortIT {
    private static final byte[] BODY = new byte[5 << 20];
    private static final Authority AUTHORITY = Authority.create();

    static {
        new Random(5).nextBytes(BODY);
    }

    @TempDir
    Path folder;

    private final Map<String, Fetch> clients = new LinkedHashMap<>();
    private final ExecutorService pool = Executors.newCachedThreadPool();
    private Programs programs;
    private HttpServer web;
    private HttpsServer secure;
    private Upstream serverFirst;
    private Running running;
    /** The user's key and nothing else; whatever the host shows. */
    private static final List<String> SSH = List.of(
            "-i",
            "user",
            "-o",
            "IdentitiesOnly=yes",
            "-o",
            "StrictHostKeyChecking=no",
            "-o",
            "UserKnownHostsFile=/dev/null");

    private Path body;
    private String gate;
    private int port;

    /** Fetches the body and returns the file with it. */
    private interface Fetch {
        Path body() throws Exception;
    }

    @BeforeEach
    void start() throws Exception {
        Peers.require(
                "curl",
                "nc",
                "ssh",
                "sshd",
                "ssh-keygen",
                "openssl",
                "mosquitto",
                "mosquitto_pub",
                "mosquitto_sub",
                "haproxy");
        programs = new Programs(folder);
        body = Files.write(folder.resolve("body"), BODY);
        programs.run("user-key", "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "user");
        backends();
        int broker = broker();
        AUTHORITY.writeRoot(folder);
        Authority.write(folder, "gate", AUTHORITY.issue("gate.one.example", "web.one.example"));
        // The shape of conf/one-port.yaml; clients from 127.0.0.2 stand for a load balancer in front.
        running = Running.of(
                folder,
                """
                listeners:
                  - address: "127.0.0.1:0"
                    forward: open
                    fallback: %s
                    proxyProtocol: {trusted: [127.0.0.2]}
                routes:
                  - {name: broker, match: {protocol: mqtt}, to: "127.0.0.1:%d"}
                  - {name: by-sni, match: {host: pass.one.example, protocol: tls}, to: "127.0.0.1:%d"}
                  - {name: web, match: {host: web.one.example}, to: "127.0.0.1:%d"}
                tls: {certificates: [{cert: gate.pem, key: gate.key}]}
                ssh: {authorizedKeys: user.pub}
                """.formatted(
                                serverFirst.at(),
                                broker,
                                secure.getAddress().getPort(),
                                web.getAddress().getPort()),
                Running.LOCAL);
        port = running.address().getPort();
        gate = "127.0.0.1:" + port;
    }

    private void backends() throws IOException {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        web = HttpServer.create(any, 64);
        secure = HttpsServer.create(any, 64);
        secure.setHttpsConfigurator(new HttpsConfigurator(AUTHORITY.jdk(AUTHORITY.issue("pass.one.example"))));
        for (HttpServer server : new HttpServer[] {web, secure}) {
            server.setExecutor(pool);
            server.createContext("/body", exchange -> {
                exchange.sendResponseHeaders(200, BODY.length);
                exchange.getResponseBody().write(BODY);
                exchange.close();
            });
            server.start();
        }
        serverFirst = Upstream.of(socket -> {
            socket.getOutputStream().write(BODY);
            socket.shutdownOutput();
            socket.getInputStream().readAllBytes();
        });
    }

    private int broker() throws IOException {
        int broker = FreePort.next();
        Path config = folder.resolve("mosquitto.conf");
        Files.writeString(
                config,
                "listener " + broker + " 127.0.0.1\nallow_anonymous true\nmessage_size_limit 0\nmax_queued_bytes 0\n");
        programs.serve("mosquitto", broker, "mosquitto", "-c", config.toString());
        return broker;
    }

    @AfterEach
    void stop() throws IOException {
        if (running != null) {
            running.close();
            serverFirst.close();
            web.stop(0);
            secure.stop(0);
        }
        if (programs != null) {
            programs.close();
        }
        pool.shutdownNow();
    }

    private void curl(String name, String... options) {
        clients.put(name, () -> {
            Path out = folder.resolve(name + ".body");
            String[] all = {
                "curl",
                "-sS",
                "-f",
                "-m",
                "80",
                "--noproxy",
                "",
                "--cacert",
                "ca.pem",
                "--proxy-cacert",
                "ca.pem",
                "-o",
                out.toString()
            };
            String[] command = Arrays.copyOf(all, all.length + options.length);
            System.arraycopy(options, 0, command, all.length, options.length);
            programs.run(name, command);
            return out;
        });
    }

    private void proxied() {
        String url = "http://127.0.0.1:" + web.getAddress().getPort() + "/body";
        String byName = "http://localhost:" + web.getAddress().getPort() + "/body";
        String https = "https://pass.one.example/body";
        curl("socks5", "--socks5", gate, url);
        curl("socks5-hostname", "--socks5-hostname", gate, byName);
        curl("socks4", "--socks4", gate, url);
        curl("socks4a", "--socks4a", gate, byName);
        curl("http", "-x", "http://" + gate, url);
        curl("http-connect", "-p", "-x", "http://" + gate, byName);
        curl("http-origin", "-H", "Host: web.one.example", "http://" + gate + "/body");
        curl("http2", "--http2-prior-knowledge", "-H", "Host: web.one.example", "http://" + gate + "/body");
        curl("http2-tls", "--http2", "--connect-to", "web.one.example:443:" + gate, "https://web.one.example/body");
        curl("tls-pass", "--connect-to", "pass.one.example:443:" + gate, https);
        curl("tls-terminated", "--connect-to", "web.one.example:443:" + gate, "https://web.one.example/body");
        curl(
                "tls-then-http",
                "--resolve",
                "gate.one.example:" + port + ":127.0.0.1",
                "-x",
                "https://gate.one.example:" + port,
                url);
        curl(
                "socks5-then-tls",
                "--socks5-hostname",
                gate,
                "--connect-to",
                "pass.one.example:443:localhost:" + secure.getAddress().getPort(),
                https);
        curl(
                "proxy-v1",
                "--haproxy-protocol",
                "--interface",
                "127.0.0.2",
                "-H",
                "Host: web.one.example",
                "http://" + gate + "/body");
    }

    private void proxyHeaderVersionTwo() throws IOException {
        int front = FreePort.next();
        Path config = folder.resolve("haproxy.cfg");
        Files.writeString(config, """
                defaults
                  mode tcp
                  timeout connect 10s
                  timeout client 90s
                  timeout server 90s
                listen front
                  bind 127.0.0.1:%d
                  server gate %s send-proxy-v2 source 127.0.0.2
                """.formatted(front, gate));
        programs.serve("haproxy", front, "haproxy", "-db", "-f", config.toString());
        curl(
                "proxy-v2",
                "--socks5",
                "127.0.0.1:" + front,
                "http://127.0.0.1:" + web.getAddress().getPort() + "/body");
    }

    private void mqtt(String name, String version) {
        clients.put(name, () -> {
            String topic = "t/" + name;
            var arrived = CompletableFuture.supplyAsync(
                    () -> {
                        try {
                            return programs.run(
                                    name,
                                    "mosquitto_sub",
                                    "-h",
                                    "127.0.0.1",
                                    "-p",
                                    "" + port,
                                    "-V",
                                    version,
                                    "-q",
                                    "1",
                                    "-t",
                                    topic,
                                    "-C",
                                    "1",
                                    "-N",
                                    "-W",
                                    "80");
                        } catch (IOException | InterruptedException e) {
                            throw new IllegalStateException(e);
                        }
                    },
                    pool);
            // Retained, so that it does not matter who comes first.
            programs.run(
                    name + "-pub",
                    "mosquitto_pub",
                    "-h",
                    "127.0.0.1",
                    "-p",
                    "" + port,
                    "-V",
                    version,
                    "-q",
                    "1",
                    "-r",
                    "-t",
                    topic,
                    "-f",
                    body.toString());
            return arrived.get(80, TimeUnit.SECONDS);
        });
    }

    private void netcat() {
        for (String version : new String[] {"4", "5", "connect"}) {
            String name = "nc-x-" + version;
            clients.put(
                    name,
                    () -> programs.run(
                            name, "nc", "-N", "-X", version, "-x", gate, "127.0.0.1", "" + serverFirst.port()));
        }
        // It neither speaks nor ends its direction: a silent client of a server-first protocol.
        clients.put("fallback", () -> {
            Path out = folder.resolve("fallback.body");
            try (Socket silent = Client.connect(running.address())) {
                return Files.write(out, silent.getInputStream().readAllBytes());
            }
        });
    }

    private void ssh() throws IOException, InterruptedException {
        int sshd = FreePort.next();
        Files.createDirectories(Path.of("/run/sshd"));
        programs.run("host-key", "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "host");
        String keys = folder.resolve("user.pub").toString();
        programs.serve(
                "sshd",
                sshd,
                "sshd",
                "-D",
                "-e",
                "-f",
                "/dev/null",
                "-p",
                "" + sshd,
                "-h",
                folder.resolve("host").toString(),
                "-o",
                "ListenAddress=127.0.0.1",
                "-o",
                "StrictModes=no",
                "-o",
                "UsePAM=no",
                "-o",
                "PidFile=none",
                "-o",
                "AuthorizedKeysFile=" + keys,
                "-o",
                "PermitRootLogin=yes");
        ssh("ssh", sshd, "nc -x " + gate + " %h %p");
        ssh(
                "ssh-jump",
                sshd,
                "ssh -F /dev/null " + String.join(" ", SSH) + " -p " + port + " -W %h:%p alice@127.0.0.1");
    }

    private void ssh(String client, int sshd, String way) {
        List<String> words = new ArrayList<>(List.of("ssh", "-F", "/dev/null", "-p", "" + sshd));
        words.addAll(SSH);
        words.addAll(
                List.of("-o", "ProxyCommand=" + way, System.getProperty("user.name") + "@127.0.0.1", "cat " + body));
        clients.put(client, () -> programs.run(client, words.toArray(String[]::new)));
    }

    private void openssl() throws IOException {
        Path request = Files.writeString(folder.resolve("request"), "GET /body HTTP/1.0\r\n\r\n");
        clients.put("openssl", () -> {
            Path answer = programs.run(
                    "openssl",
                    request,
                    "openssl",
                    "s_client",
                    "-quiet",
                    "-connect",
                    gate,
                    "-servername",
                    "pass.one.example",
                    "-CAfile",
                    "ca.pem",
                    "-verify_return_error",
                    // The JDK's server of 17 does not say goodbye.
                    "-ignore_unexpected_eof");
            byte[] bytes = Files.readAllBytes(answer);
            return Files.write(
                    folder.resolve("openssl.body"),
                    Arrays.copyOfRange(bytes, bytes.length - BODY.length, bytes.length));
        });
    }

    private static String digest(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void carriesEveryProtocolAtTheSameTime() throws Exception {
        proxied();
        proxyHeaderVersionTwo();
        mqtt("mqtt-3.1.1", "mqttv311");
        mqtt("mqtt-5", "mqttv5");
        netcat();
        ssh();
        openssl();
        assertThat(clients.keySet().stream().map(name -> name.replaceFirst("-.*", "")))
                .as("a client for each registered protocol")
                .containsAll(Protocols.all(Certificates.NONE).stream()
                        .map(Protocol::name)
                        .toList());

        Map<String, CompletableFuture<String>> results = new LinkedHashMap<>();
        clients.forEach(
                (name, client) -> results.put(name, CompletableFuture.supplyAsync(() -> outcome(client), pool)));
        Map<String, String> digests = new TreeMap<>();
        for (var result : results.entrySet()) {
            digests.put(result.getKey(), result.getValue().get(120, TimeUnit.SECONDS));
        }

        String whole = digest(BODY);
        digests.values().removeIf(whole::equals);
        assertThat(digests).as("%s", unusual()).isEmpty();
        // Nobody went around the gate.
        await().untilAsserted(() -> assertThat(running.accessLines())
                .hasSizeGreaterThanOrEqualTo(clients.size())
                .extracting(line -> Json.object(line).get("protocol"))
                .contains("socks4", "socks5", "http", "connect", "tls", "ssh", "mqtt", "tcp"));
    }

    /** What the log says of streams that went wrong. */
    private String unusual() throws IOException {
        return running.log().stream()
                .filter(line -> !line.contains("\"reason\":\"ok\""))
                .collect(Collectors.joining("\n"));
    }

    private static String outcome(Fetch client) {
        try {
            return digest(Files.readAllBytes(client.body()));
        } catch (Exception | AssertionError e) {
            return e.toString();
        }
    }
}
