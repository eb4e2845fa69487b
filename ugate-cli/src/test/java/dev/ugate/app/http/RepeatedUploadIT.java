package dev.ugate.app.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ugate.app.Running;
import dev.ugate.app.Upstream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** L29: upstreams that die when they have a request's body whole and have not answered with a byte. */
@Timeout(60)
final class RepeatedUploadIT {
    /** Fits into what is kept, and into the first window of HTTP/2 (RFC 9113 §6.9.2). */
    private static final int SMALL = 60_000;

    private static final int LARGE = 100_000;
    private static final String RETRIES = "ugate_upstream_retry_total";
    private static final String NOT_KEPT = "ugate_upstream_body_not_kept_total";

    @TempDir
    Path folder;

    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final AtomicInteger deaths = new AtomicInteger();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private Upstream upstream;
    private Running ugate;

    /** How the upstream speaks, and how it reads one request and answers with the digest of its body. */
    private enum Version {
        HTTP_1_1("http/1.1") {
            @Override
            byte[] read(Socket socket) throws IOException {
                return Upstream.exactly(socket.getInputStream(), length(socket.getInputStream()));
            }

            @Override
            void answer(Socket socket, String digest) throws IOException {
                String reply = "HTTP/1.1 200 OK\r\nContent-Length: " + digest.length() + "\r\n\r\n" + digest;
                socket.getOutputStream().write(reply.getBytes(StandardCharsets.US_ASCII));
            }
        },
        HTTP_2("h2") {
            @Override
            byte[] read(Socket socket) throws IOException {
                DataInputStream in = new DataInputStream(socket.getInputStream());
                in.skipNBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".length());
                frame(socket, RawHttp2.SETTINGS, 0, 0, new byte[0]);
                var body = new ByteArrayOutputStream();
                for (int flags = 0, type = -1; type > 1 || (flags & RawHttp2.END_STREAM) == 0; ) {
                    int lengthAndType = in.readInt();
                    type = lengthAndType & 0xff;
                    flags = in.readUnsignedByte();
                    in.readInt();
                    byte[] payload = Upstream.exactly(in, lengthAndType >>> 8);
                    if (type == RawHttp2.DATA) {
                        body.write(payload);
                        windows(socket, payload.length);
                    }
                }
                return body.toByteArray();
            }

            @Override
            void answer(Socket socket, String digest) throws IOException {
                frame(socket, RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1, new byte[] {(byte) 0x88});
                frame(socket, RawHttp2.DATA, RawHttp2.END_STREAM, 1, digest.getBytes(StandardCharsets.US_ASCII));
            }
        };

        private final String word;

        Version(String word) {
            this.word = word;
        }

        abstract byte[] read(Socket socket) throws IOException;

        abstract void answer(Socket socket, String digest) throws IOException;

        private static int length(InputStream in) throws IOException {
            return Integer.parseInt(Upstream.head(in).replaceFirst("(?is).*\r\ncontent-length: *([0-9]+)\r\n.*", "$1"));
        }

        private static void windows(Socket socket, int octets) throws IOException {
            byte[] more = {0, (byte) (octets >> 16), (byte) (octets >> 8), (byte) octets};
            if (octets > 0) {
                frame(socket, RawHttp2.WINDOW_UPDATE, 0, 0, more);
                frame(socket, RawHttp2.WINDOW_UPDATE, 0, 1, more);
            }
        }

        private static void frame(Socket socket, int type, int flags, int stream, byte[] payload) throws IOException {
            var frame = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(frame);
            out.writeInt(payload.length << 8 | type);
            out.writeByte(flags);
            out.writeInt(stream);
            out.write(payload);
            frame.writeTo(socket.getOutputStream());
        }
    }

    private void start(Version version, int dying) throws IOException {
        deaths.set(dying);
        upstream = Upstream.of(socket -> {
            String digest = Origin.digest(version.read(socket));
            heard.add(digest);
            if (deaths.getAndDecrement() <= 0) {
                version.answer(socket, digest);
                socket.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
            }
        });
        ugate = Running.of(folder, """
                listeners: [{address: "127.0.0.1:0", forward: none}]
                routes: [{name: web, match: {host: "127.0.0.1"}, to: "%s", upstream: {http: %s}}]
                """.formatted(upstream.at(), version.word), Running.LOCAL);
    }

    @AfterEach
    void stop() throws IOException {
        ugate.close();
        upstream.close();
    }

    private HttpResponse<String> put(byte[] body) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + ugate.address().getPort() + "/");
        return client.send(
                HttpRequest.newBuilder(uri)
                        .PUT(BodyPublishers.ofByteArray(body))
                        .build(),
                BodyHandlers.ofString());
    }

    private static String client(String accessLine) {
        return accessLine.replaceFirst(".*\"from\":\"([^\"]+)\".*", "$1");
    }

    private static byte[] random(int length) {
        byte[] body = new byte[length];
        new Random(length).nextBytes(body);
        return body;
    }

    @ParameterizedTest
    @EnumSource
    void theSecondTryGetsTheSameOctets(Version version) throws Exception {
        start(version, 1);
        byte[] body = random(SMALL);
        HttpResponse<String> reply = put(body);
        assertThat(reply.statusCode()).isEqualTo(200);
        assertThat(reply.body()).isEqualTo(Origin.digest(body));
        assertThat(heard).containsExactly(reply.body(), reply.body());
        assertThat(ugate.metric(RETRIES)).isEqualTo(1);
        assertThat(ugate.metric(NOT_KEPT)).isZero();
        await().untilAsserted(() -> assertThat(ugate.accessLines())
                .singleElement()
                .asString()
                .contains("\"status\":200", upstream.at(), "\"attempt_count\":2"));
    }

    @ParameterizedTest
    @EnumSource
    void aBodyThatWasNotKeptEndsInARefusalAndTheConnectionGoesOn(Version version) throws Exception {
        start(version, 1);
        HttpResponse<String> refused = put(random(LARGE));
        assertThat(refused.statusCode()).isEqualTo(502);
        assertThat(heard).hasSize(1);
        assertThat(ugate.metric(RETRIES)).isZero();
        assertThat(ugate.metric(NOT_KEPT)).isEqualTo(1);
        byte[] body = random(LARGE + 1);
        assertThat(put(body).body()).isEqualTo(Origin.digest(body));
        await().untilAsserted(() -> assertThat(ugate.accessLines()).hasSize(2));
        assertThat(ugate.accessLines().get(0)).contains("\"status\":502").doesNotContain("attempt_count");
        assertThat(ugate.accessLines().stream().map(RepeatedUploadIT::client))
                .containsOnly(client(ugate.accessLines().get(0)));
    }
}
