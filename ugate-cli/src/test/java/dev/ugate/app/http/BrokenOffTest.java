package dev.ugate.app.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ugate.app.Client;
import dev.ugate.app.Running;
import dev.ugate.app.Upstream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The line of an exchange that the gate breaks off says for which fault of the client; only who left has left. */
@Timeout(60)
final class BrokenOffTest {
    private static final String HOST = "web.one.example";
    private static final int PATIENCE_MILLIS = 15_000;
    private static final int CANCEL = 8;

    @TempDir
    Path folder;

    private Upstream answering;
    private Running running;

    /** The upstream begins its answer at the end of the head and never ends it. */
    @BeforeEach
    void start() throws IOException {
        answering = Upstream.of(socket -> {
            InputStream in = socket.getInputStream();
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                head.append((char) in.read());
            }
            socket.getOutputStream()
                    .write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n0123456789".getBytes(US_ASCII));
            in.readAllBytes();
        });
        running = Running.of(folder, """
                listeners: [{address: "127.0.0.1:0", forward: none}]
                routes: [{name: web, match: {host: %s}, to: "%s"}]
                timeouts: {bodyIdle: 1s, writeStall: 2s}
                """.formatted(HOST, answering.at()), Running.LOCAL);
    }

    @AfterEach
    void stop() throws Exception {
        running.close();
        answering.close();
    }

    private RawHttp2 http2(int... settings) throws IOException {
        return new RawHttp2(running.address(), HOST, PATIENCE_MILLIS, settings);
    }

    private static void hears(RawHttp2 client, int type) throws IOException {
        while (client.next().type() != type) {
            // What comes before.
        }
    }

    private void says(String... words) {
        await().untilAsserted(() -> assertThat(running.accessLines())
                .filteredOn(line -> line.contains("\"route\":\"web\""))
                .singleElement()
                .asString()
                .contains(words)
                .doesNotContain("went away"));
    }

    /** Of the stream and of the connection: WINDOW_UPDATE of 0, PING of four octets. */
    @ParameterizedTest
    @CsvSource({
        RawHttp2.WINDOW_UPDATE + ", 1, " + RawHttp2.RST_STREAM + ", window update: expected more than 0",
        RawHttp2.PING + ", 0, " + RawHttp2.GOAWAY + ", http2: ping: wrong size"
    })
    void aBrokenRule(int frame, int stream, int end, String text) throws Exception {
        try (RawHttp2 client = http2()) {
            client.post(1).flush();
            hears(client, RawHttp2.DATA);
            client.frame(frame, 0, stream, 0, 0, 0, 0).flush();
            hears(client, end);
            says("\"reason\":\"malformed\"", text, "\"status\":200");
        }
    }

    @Test
    void aBodyThatStopsBehindAnAnswerThatBegan() throws Exception {
        try (RawHttp2 client = http2()) {
            client.post(1).flush();
            hears(client, RawHttp2.DATA);
            says("\"reason\":\"timed_out\"", "http: limit bodyIdle: ", "\"status\":200");
        }
    }

    @Test
    void anAnswerThatIsNotTaken() throws Exception {
        // SETTINGS_INITIAL_WINDOW_SIZE 1
        try (RawHttp2 client = http2(0, 4, 0, 0, 0, 1)) {
            client.get(1).flush();
            hears(client, RawHttp2.RST_STREAM);
            says("\"reason\":\"timed_out\"", "http2: limit writeStall: nothing was taken", "\"status\":200");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "Transfer-Encoding: chunked, zz, \"reason\":\"malformed\", chunk",
        "Content-Length: 100, 0123456789, \"reason\":\"timed_out\", limit bodyIdle: "
    })
    void aFaultyBodyOfHttp1(String framing, String body, String reason, String text) throws Exception {
        try (Socket client = Client.connect(running.address())) {
            client.getOutputStream()
                    .write(("POST / HTTP/1.1\r\nHost: " + HOST + "\r\n" + framing + "\r\n\r\n").getBytes(US_ASCII));
            assertThat(client.getInputStream().readNBytes(12))
                    .asString(US_ASCII)
                    .isEqualTo("HTTP/1.1 200");
            client.getOutputStream().write((body + "\r\n").getBytes(US_ASCII));
            says(reason, text, "\"status\":200");
        }
    }

    /** Also while something waits for its window, whose write fails. */
    @ParameterizedTest
    @ValueSource(ints = {1, 65_535})
    void whoLeftHasLeft(int window) throws Exception {
        try (RawHttp2 client = http2(0, 4, 0, 0, window >> 8, window & 255)) {
            client.get(1).flush();
            hears(client, RawHttp2.DATA);
            client.frame(RawHttp2.RST_STREAM, 0, 1, 0, 0, 0, CANCEL).flush();
            await().untilAsserted(() -> assertThat(running.accessLines())
                    .singleElement()
                    .asString()
                    .contains("relay: client went away", "\"status\":200"));
        }
    }
}
