package dev.ugate.protocols.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Identity;
import dev.ugate.spi.Ingress.Forward;
import dev.ugate.testing.Peers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** curl through the proxy. */
@Tag("interop")
@Timeout(60)
final class HttpInteropIT {
    private final Proxy proxy = new Proxy(
            Forward.AUTHENTICATED,
            (name, password) -> CompletableFuture.completedFuture(
                    name.equals("me") && password.equals("secret")
                            ? Optional.of(new Identity("user:me", Identity.Proof.PASSWORD))
                            : Optional.empty()));

    @TempDir
    private Path folder;

    private String origin = "";

    @BeforeEach
    void begin() throws IOException {
        Peers.require("curl");
        origin = proxy.origin(exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            byte[] answer = body.length == 0 ? exchange.getRequestMethod().getBytes() : body;
            exchange.sendResponseHeaders(
                    200, exchange.getRequestURI().getPath().equals("/chunked") ? 0 : answer.length);
            exchange.getResponseBody().write(answer);
        });
    }

    @AfterEach
    void close() {
        proxy.close();
    }

    private String curl(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Peers.program("curl").toString(), "-sS", "--max-time", "30", "-x", "http://127.0.0.1:" + proxy.port()));
        command.addAll(List.of(arguments));
        Path output = Files.createTempFile(folder, "curl", ".out");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(process.waitFor(40, TimeUnit.SECONDS)).isTrue();
        return Files.readString(output, java.nio.charset.StandardCharsets.ISO_8859_1);
    }

    @Test
    void passwordsAreAskedForAndChecked() throws Exception {
        assertThat(curl("-o", "/dev/null", "-w", "%{http_code}", "http://" + origin + "/"))
                .isEqualTo("407");
        assertThat(curl("-U", "me:wrong", "-o", "/dev/null", "-w", "%{http_code}", "http://" + origin + "/"))
                .isEqualTo("407");
        assertThat(curl("-U", "me:secret", "http://" + origin + "/")).isEqualTo("GET");
        assertThat(curl("-U", "me:secret", "--proxy-anyauth", "http://" + origin + "/"))
                .isEqualTo("GET");
        assertThat(curl("-U", "me:wrong", "-p", "-w", "%{http_connect}", "http://" + origin + "/"))
                .endsWith("407");
        assertThat(curl("-U", "me:secret", "-p", "http://" + origin + "/")).isEqualTo("GET");
        assertThat(proxy.waist.notes.ended())
                .allMatch(ended -> ended.intent().peer().identity().isPresent());
    }

    @Test
    void uploadsArriveWhole() throws Exception {
        byte[] bytes = new byte[8 << 20];
        new SplittableRandom(5).nextBytes(bytes);
        Path file = Files.write(folder.resolve("upload"), bytes);
        Path echo = folder.resolve("echo");
        for (List<String> options :
                List.of(List.<String>of(), List.of("-H", "Transfer-Encoding: chunked"), List.of("-H", "Expect:"))) {
            List<String> arguments =
                    new ArrayList<>(List.of("-U", "me:secret", "-T", file.toString(), "-o", echo.toString()));
            arguments.addAll(options);
            arguments.add("http://" + origin + "/");
            curl(arguments.toArray(String[]::new));
            assertThat(Files.mismatch(file, echo)).as("%s", options).isEqualTo(-1);
        }
    }

    @Test
    void everyVersionAndSeveralRequestsOnOneConnection() throws Exception {
        String url = "http://" + origin;
        assertThat(curl("-U", "me:secret", "--http1.0", url + "/chunked")).isEqualTo("GET");
        assertThat(curl("-U", "me:secret", url + "/", url + "/chunked", url + "/"))
                .isEqualTo("GETGETGET");
        assertThat(curl(
                        "-U",
                        "me:secret",
                        "-w",
                        "%{num_connects}",
                        "-o",
                        "/dev/null",
                        "-o",
                        "/dev/null",
                        url + "/",
                        url + "/chunked"))
                .isEqualTo("10");
        assertThat(curl("-U", "me:secret", "-I", url + "/")).startsWith("HTTP/1.1 200 OK");
    }

    @Test
    void refusalsAreReadable() throws Exception {
        assertThat(curl("-U", "me:secret", "-i", "http://name.invalid/"))
                .startsWith("HTTP/1.1 502 Bad Gateway")
                .contains("error=dns_error");
        assertThat(curl("-U", "me:secret", "-w", "%{http_connect}", "-p", "http://name.invalid/"))
                .endsWith("502");
    }
}
