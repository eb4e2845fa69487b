package dev.ugate.app.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ugate.app.Running;
import dev.ugate.app.exchanges.Crowd;
import dev.ugate.testing.Authority;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * E3, E4: whatever two ends of a stream do, each direction is whole or seen to be broken, and nothing is left of it. A failure names
 * its streams; {@code -Dugate.streams.seed} draws others, {@code -Dugate.streams.count} more.
 */
@Tag("interop")
@Timeout(600)
final class RandomStreamsIT {
    private static final int COUNT = Integer.getInteger("ugate.streams.count", 150);
    private static final int SEED = Integer.getInteger("ugate.streams.seed", 5);
    private static final Authority AUTHORITY = Authority.create();
    private static final String FRONT = "spiffe://mesh.test/ns/a/sa/front";
    private static final String BACK = "spiffe://mesh.test/ns/a/sa/back";
    private static final String OPEN = "{address: \"127.0.0.1:0\", forward: open, http: {websocket: {}}}";

    @TempDir
    Path folder;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private Servers servers;

    @BeforeEach
    void start() throws Exception {
        servers = new Servers(Crowd.PLAYERS);
        AUTHORITY.writeRoot(folder);
        Authority.write(folder, "gate", AUTHORITY.issue(names().toArray(String[]::new)));
        Authority.write(folder, "front", AUTHORITY.issue(FRONT));
        Authority.write(folder, "back", AUTHORITY.issue(BACK));
    }

    @AfterEach
    void stop() throws Exception {
        servers.close();
        threads.shutdownNow();
    }

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "io_uring", "nio"})
    void areWholeOrBroken(String backend) throws Exception {
        List<Hop> hops = List.of(Hop.NONE);
        try (Running gate = gate("front", backend, hops, List.of(), direct(hops))) {
            arePlayed(gate, hops);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "io_uring"})
    void areWholeOrBrokenThroughTwoGates(String backend) throws Exception {
        List<Hop> hops = Arrays.asList(Hop.values()).subList(1, Hop.values().length);
        try (Running back = gate(
                "back",
                backend,
                hops,
                List.of("{address: \"127.0.1.1:0\", forward: open, protocols: [hbonec]}"),
                direct(hops))) {
            try (Running front = gate(
                    "front", backend, hops, List.of(), through(hops, back.app().addresses()))) {
                arePlayed(front, hops);
            }
            isQuiet(back);
        }
    }

    /** What the gate is called: whoever asks it for another name in TLS is passed on, or misdirected. */
    private static List<String> names() {
        List<String> names = new ArrayList<>(List.of(Asking.NAME));
        for (Hop hop : Hop.values()) {
            names.add(hop.name("two"));
            IntStream.range(0, Crowd.PLAYERS).forEach(player -> names.add(hop.name("w" + player)));
        }
        return names;
    }

    /** The services of the gate that the servers are behind. */
    private List<String> direct(List<Hop> hops) {
        return hops.stream()
                .flatMap(hop -> services(
                        hop, player -> "127.0.0.1:" + servers.port(player), "127.0.0.1:" + servers.http2Port(), ""))
                .toList();
    }

    /** Those of a gate in front of it. */
    private static List<String> through(List<Hop> hops, List<SocketAddress> back) {
        return hops.stream()
                .flatMap(hop -> {
                    String far =
                            back.get(hop == Hop.HBONE_CLEAR ? 1 : 0).toString().substring(1);
                    String via = hop.via.isEmpty() ? "" : ", via: [" + hop.via + "]";
                    String identity = via.isEmpty() || hop == Hop.HBONE_CLEAR ? "" : ", identity: \"" + BACK + "\"";
                    return services(hop, player -> far, far, via + identity);
                })
                .toList();
    }

    private static Stream<String> services(Hop hop, IntFunction<String> server, String http2, String more) {
        return Stream.concat(
                IntStream.range(0, Crowd.PLAYERS)
                        .boxed()
                        .flatMap(player -> Stream.of("w", "sni")
                                .map(kind -> service(hop.name(kind + player), server.apply(player), more))),
                Stream.of(service(hop.name("two"), http2, more)));
    }

    private static String service(String name, String endpoint, String more) {
        return "{name: " + name + ", endpoints: [\"" + endpoint + "\"]" + more + "}";
    }

    private Running gate(String name, String backend, List<Hop> hops, List<String> more, List<String> services)
            throws IOException {
        List<String> listeners = new ArrayList<>(List.of(OPEN));
        listeners.addAll(more);
        if (name.equals("front")) {
            for (int i = 0; i < Crowd.PLAYERS; i++) {
                String target =
                        hops.get(i % (hops.size() == 1 ? 1 : hops.size() - 1)).name("w" + i) + ":80";
                listeners.add("{address: \"127.0.1." + i + ":0\", target: \"" + target + "\"}");
                listeners.add("{address: \"127.0.2." + i + ":0\", fallback: \"" + target + "\"}");
            }
        }
        String two = String.join(", ", hops.stream().map(hop -> hop.name("two")).toList());
        return Running.of(
                Files.createDirectory(folder.resolve(name)),
                "listeners: [" + String.join(", ", listeners) + "]\n",
                "discovery: {chain: [config], config: {services: [" + String.join(", ", services) + "]}}\n",
                "routes: [{name: two, match: {host: [" + two + (name.equals("front") ? ", \"*.http-2.example\"" : "")
                        + "]}, upstream: {http: h2}}]\n",
                "tls: {certificates: [{cert: " + folder.resolve("gate.pem") + ", key: " + folder.resolve("gate.key")
                        + "}]}\n",
                "limits: {http2Resets: 100000}\n",
                Authority.member(folder, name),
                Running.LOCAL,
                "loops: {count: 2, backend: " + backend + "}\n");
    }

    private void arePlayed(Running gate, List<Hop> hops) throws Exception {
        List<InetSocketAddress> addresses = gate.app().addresses().stream()
                .map(InetSocketAddress.class::cast)
                .toList();
        try (Asking asking = new Asking(addresses, AUTHORITY)) {
            assertThat(Crowd.faults(COUNT, (player, number) -> faults(asking, hops, player, number)))
                    .isEmpty();
        }
        isQuiet(gate);
    }

    private List<String> faults(Asking asking, List<Hop> hops, int player, int number) {
        Script script = Script.of(SEED + "-" + number);
        List<Hop> taken = hops.stream().filter(hop -> hop.takes(script)).toList();
        Hop hop = taken.get(number % taken.size());
        String what = " of " + script + " over " + hop + " as " + player;
        try {
            String name =
                    hop.name(script.overHttp2() ? "two" : (script.way() == Script.Way.SNI ? "sni" : "w") + player);
            byte[] hello = asking.hello(name);
            CompletableFuture<Pipe> accepted = CompletableFuture.supplyAsync(
                    () -> {
                        try {
                            return servers.accept(player, script, hello);
                        } catch (IOException | InterruptedException e) {
                            throw new CompletionException(e);
                        }
                    },
                    threads);
            Pipe client = asking.open(player, script, name, hello);
            Pipe server = accepted.get(30, TimeUnit.SECONDS);
            return play(script, client, server).map(fault -> fault + what).toList();
        } catch (Exception e) {
            return List.of(e + what);
        }
    }

    private Stream<String> play(Script script, Pipe client, Pipe server) {
        CompletableFuture<Outcome> one = Outcome.of(client, script.client(), script.asked(), threads);
        CompletableFuture<Outcome> other = Outcome.of(server, script.server(), script.answered(), threads);
        return Stream.concat(
                one.join().faults("the client's", script.answered(), other.join()),
                other.join().faults("the server's", script.asked(), one.join()));
    }

    private static void isQuiet(Running gate) throws IOException {
        await().atMost(20, TimeUnit.SECONDS).untilAsserted(() -> {
            assertThat(gate.metric("ugate_streams_live"))
                    .as(gate.ask("GET", "/streams"))
                    .isZero();
            assertThat(gate.metric("ugate_connections_open")).isZero();
        });
        hasNoBug(gate);
    }

    private static void hasNoBug(Running gate) throws IOException {
        assertThat(gate.log()).noneMatch(line -> line.contains("\"reason\":\"internal\""));
    }
}
