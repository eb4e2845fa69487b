package dev.ugate.protocols.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Timeouts;
import dev.ugate.model.http.HttpVersion;
import dev.ugate.testing.Changed;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An answer may take its time, and rest in its middle, however long ago its request ended: events, calls of gRPC. */
@Timeout(60)
final class SilentAnswersIT {
    private static final Duration HALF_CLOSED = Duration.ofMillis(200);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 4\r\n\r\nbody",
                "Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
                "Content-Length: 0\r\n\r\n"
            })
    void areWaitedFor(String body) throws Exception {
        try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
                Proxy proxy = Proxy.open(Changed.of(Timeouts.STANDARD, Map.of("halfClosed", HALF_CLOSED)))) {
            server.setSoTimeout(20_000);
            proxy.waist.leadTo(server.getLocalPort(), endpoint -> endpoint.withHttp(HttpVersion.HTTP_1_1));
            try (Proxy.Client client =
                            proxy.client().say("POST / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n" + body);
                    Socket upstream = server.accept()) {
                says(upstream, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
                says(upstream, "first");
                says(upstream, "later");
                assertThat(client.hearAll()).startsWith("HTTP/1.1 200 OK\r\n").endsWith("\r\n\r\nfirstlater");
            }
        }
    }

    /** After a silence that would end a tunnel. */
    private static void says(Socket upstream, String text) throws IOException, InterruptedException {
        Thread.sleep(3 * HALF_CLOSED.toMillis());
        upstream.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }
}
