package dev.ugate.app;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What SIGTERM does, without the signal. */
final class DrainTest {
    @TempDir
    Path folder;

    @Test
    void endsAtOnceWhenNothingIsLive() throws Exception {
        try (Running running = Running.of(folder, Running.OPEN, Running.LOCAL, "timeouts: {drain: 30s}\n")) {
            running.app().drain();
            running.app().drain();
            assertThat(CompletableFuture.supplyAsync(running.app()::awaitEnd).get(10, TimeUnit.SECONDS))
                    .isZero();
        }
    }

    @Test
    void letsLiveStreamsFinishAndRefusesNewOnes() throws Exception {
        try (Upstream upstream = Upstream.echo();
                Running running = Running.of(folder, Running.OPEN, Running.LOCAL, "timeouts: {drain: 30s}\n");
                Socket live = Client.socks5(running.address(), "127.0.0.1", upstream.port());
                Socket undecided = Client.connect(running.address())) {
            var address = running.address();
            // It was accepted before the drain and asks during it.
            undecided.getOutputStream().write(5);
            await().until(() -> running.app().parts().admission().connections() == 2);

            running.app().drain();

            var end = CompletableFuture.supplyAsync(running.app()::awaitEnd);
            await().untilAsserted(() ->
                    assertThatThrownBy(() -> Client.connect(address)).hasMessageContaining("refused"));
            undecided.getOutputStream().write(new byte[] {
                1, 0, 5, 1, 0, 1, 127, 0, 0, 1, (byte) (upstream.port() >> 8), (byte) upstream.port()
            });
            byte[] answer = undecided.getInputStream().readAllBytes();
            assertThat(answer).startsWith(5, 0, 5, 1);
            assertThat(end).isNotDone();
            assertThat(Client.say(live, "finish")).isEqualTo("finish");
            live.close();
            assertThat(end.get(10, TimeUnit.SECONDS)).isZero();
            assertThat(upstream.accepted()).isEqualTo(1);
        }
    }

    @Test
    void cutsWhatDoesNotFinishInTime() throws Exception {
        try (Upstream upstream = Upstream.echo();
                Running running = Running.of(folder, Running.OPEN, Running.LOCAL, "timeouts: {drain: 1s}\n");
                Socket live = Client.socks5(running.address(), "127.0.0.1", upstream.port())) {
            long begun = System.nanoTime();
            running.app().drain();
            assertThat(CompletableFuture.supplyAsync(running.app()::awaitEnd).get(10, TimeUnit.SECONDS))
                    .isZero();
            assertThat(Duration.ofNanos(System.nanoTime() - begun))
                    .isBetween(Duration.ofMillis(900), Duration.ofSeconds(4));
            assertThatThrownBy(() -> live.getInputStream().read())
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("reset");
        }
    }

    /** A line that says the client left would blame the one who was cut off. */
    @Test
    void whatIsCutSaysSoInItsLine() throws Exception {
        try (Upstream silent = Upstream.of(socket -> socket.getInputStream().readAllBytes());
                Running running = Running.of(folder, Running.OPEN, Running.LOCAL, "timeouts: {drain: 1s}\n");
                Socket stream = Client.socks5(running.address(), "127.0.0.1", silent.port());
                Socket request = Client.connect(running.address())) {
            request.getOutputStream()
                    .write("GET http://%s/ HTTP/1.1\r\nHost: %s\r\n\r\n"
                            .formatted(silent.at(), silent.at())
                            .getBytes(US_ASCII));
            await().until(() -> silent.accepted() == 2);

            running.app().drain();

            await().untilAsserted(() -> assertThat(running.accessLines())
                    .hasSize(2)
                    .allSatisfy(line -> assertThat(line)
                            .contains("\"reason\":\"draining\"", "limit drain: not over after 1000ms")));
            assertThat(running.accessLines()).anyMatch(line -> line.contains("\"status\":503"));
        }
    }
}
