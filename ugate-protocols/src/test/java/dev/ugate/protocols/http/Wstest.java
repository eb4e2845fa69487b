package dev.ugate.protocols.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ugate.protocols.http.Fuzzing.Outcome;
import dev.ugate.testing.Peers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code wstest} of the newer Autobahn test suite, which knows permessage-deflate: the fuzzing client, and a server for it. */
final class Wstest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final long MINUTES = 45;

    /** Debian's, which has the package of the server. */
    private static final String PYTHON = "/usr/bin/python3";

    private static final String ECHO = """
            import asyncio, sys, websockets
            async def serve(socket, path):
                async for said in socket:
                    await socket.send(said)
            async def main():
                async with websockets.serve(serve, "127.0.0.1", int(sys.argv[1]), max_size=None, close_timeout=5):
                    await asyncio.Future()
            asyncio.run(main())
            """;

    /** One case of {@code index.json}, whose keys are sorted. */
    private static final Pattern CASE = Pattern.compile(
            "\"([0-9]+(?:\\.[0-9]+)+)\": \\{\\s*\"behavior\": \"([A-Z -]+)\",\\s*\"behaviorClose\": \"([A-Z -]+)\"");

    private final Path folder;

    Wstest(Path folder) {
        this.folder = folder;
    }

    /** A server that echoes and agrees on compression, whatever Host says; the caller ends it. */
    Process serve(int port) throws IOException {
        Process server = start("server", PYTHON, "-c", ECHO, "" + port);
        await().until(() -> {
            assertThat(server.isAlive()).isTrue();
            try (Socket probe = new Socket(LOOPBACK, port)) {
                return probe.isConnected();
            } catch (IOException notYet) {
                return false;
            }
        });
        return server;
    }

    /** Runs all cases against a server on loopback. */
    CompletableFuture<Map<String, Outcome>> run(String agent, int port) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return outcomes(agent, port);
            } catch (IOException | InterruptedException e) {
                throw new UncheckedIOException(new IOException(e));
            }
        });
    }

    private Map<String, Outcome> outcomes(String agent, int port) throws IOException, InterruptedException {
        Path spec =
                Files.writeString(folder.resolve(agent + ".json"), """
                {"outdir": "%s", "servers": [{"agent": "%s", "url": "ws://127.0.0.1:%d"}],
                 "cases": ["*"], "exclude-cases": [], "exclude-agent-cases": {}}
                """.formatted(folder.resolve(agent), agent, port));
        Process client = start(agent, Peers.program("wstest").toString(), "-m", "fuzzingclient", "-s", spec.toString());
        try {
            assertThat(client.waitFor(MINUTES, TimeUnit.MINUTES))
                    .as("wstest ends")
                    .isTrue();
        } finally {
            client.destroyForcibly();
        }
        Map<String, Outcome> outcomes = new TreeMap<>();
        Matcher one = CASE.matcher(Files.readString(folder.resolve(agent).resolve("index.json")));
        while (one.find()) {
            outcomes.put(one.group(1), new Outcome(one.group(2), one.group(3)));
        }
        return outcomes;
    }

    private Process start(String name, String... command) throws IOException {
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(name + ".log").toFile())
                .start();
        Fuzzing.endWithThisProcess(process);
        return process;
    }
}
