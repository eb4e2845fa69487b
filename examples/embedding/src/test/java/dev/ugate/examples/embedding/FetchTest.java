package dev.ugate.examples.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.ugate.app.Ugate;
import dev.ugate.model.Refused;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program of docs/embedding.md does what it says there. */
final class FetchTest {
    @TempDir
    Path folder;

    private final AtomicInteger requests = new AtomicInteger();
    private HttpServer web;
    private Ugate ugate;

    @BeforeEach
    void start() throws IOException {
        web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        web.createContext("/", exchange -> {
            requests.incrementAndGet();
            byte[] page = "page".getBytes(StandardCharsets.US_ASCII);
            exchange.sendResponseHeaders(200, page.length);
            exchange.getResponseBody().write(page);
            exchange.close();
        });
        web.start();
        Path file = Files.writeString(
                folder.resolve("ugate.yaml"), """
                version: 1
                listeners: [{address: "127.0.0.1:0"}]
                routes: [{name: web, match: {host: web.internal}, to: "127.0.0.1:%d"}]
                policy: {default: deny, allow: [{name: web, to: [web.internal]}]}
                log: {access: off}
                """.formatted(web.getAddress().getPort()));
        ugate = Ugate.builder().config(file).outboundOnly().start();
    }

    @AfterEach
    void stop() {
        ugate.close();
        web.stop(0);
    }

    @Test
    void fetchesByBlockingSocket() throws IOException {
        assertThat(new Fetch(ugate).blocking("web.internal:80"))
                .startsWith("HTTP/1.")
                .endsWith("page");
    }

    @Test
    void fetchesByChannel() throws Exception {
        assertThat(new Fetch(ugate)
                        .asynchronous("web.internal:80")
                        .toCompletableFuture()
                        .get(10, TimeUnit.SECONDS))
                .startsWith("HTTP/1.")
                .endsWith("page");
    }

    @Test
    void fetchesByHttpClient() throws Exception {
        assertThat(new Fetch(ugate)
                        .http("http://web.internal/")
                        .toCompletableFuture()
                        .get(10, TimeUnit.SECONDS))
                .isEqualTo("page");
    }

    @Test
    void isToldWhatPolicyDenies() {
        String denied = "127.0.0.1:" + web.getAddress().getPort();
        assertThatThrownBy(() -> new Fetch(ugate).blocking(denied))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("denies " + denied);
        assertThatThrownBy(() -> new Fetch(ugate)
                        .asynchronous(denied)
                        .toCompletableFuture()
                        .get(10, TimeUnit.SECONDS))
                .hasCauseInstanceOf(Refused.class);
        assertThat(requests).hasValue(0);
    }
}
