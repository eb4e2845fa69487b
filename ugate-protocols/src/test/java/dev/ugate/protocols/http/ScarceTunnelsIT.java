package dev.ugate.protocols.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.http.HttpVersion;
import dev.ugate.net.Loops;
import dev.ugate.net.tls.Certificates;
import dev.ugate.protocols.Scarcity;
import dev.ugate.testing.Tally;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The same of what becomes a tunnel once its first words were understood: WebSocket and MQTT. */
@Tag("interop")
@Timeout(120)
final class ScarceTunnelsIT {
    private static final int MUCH = 200_000;
    private static final String END_OF_HEAD = "\r\n\r\n";

    /** The key of RFC 6455 §1.3 and the answer to it. */
    private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private static final Tally BUFFERS = new Tally();
    private static final Map<Loops.Backend, Proxy> PROXIES = new EnumMap<>(Loops.Backend.class);
    private static final ExecutorService THREADS = Executors.newCachedThreadPool();
    private static final byte[] BYTES = new byte[MUCH];
    private static ServerSocket server;

    /** What a client begins with, and the head of what it is answered. */
    private enum Opening {
        WEBSOCKET("GET /chat HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + KEY + END_OF_HEAD),
        MQTT("\u0010\u0014\u0000\u0004MQTT\u0004\u0002\u0000\u003c\u0000\u0008a.client");

        private final byte[] words;

        Opening(String words) {
            this.words = words.getBytes(StandardCharsets.ISO_8859_1);
        }

        /** Whether the answer is that the tunnel is there. */
        boolean opens(InputStream in) throws IOException {
            if (this == MQTT) {
                return Arrays.equals(in.readNBytes(words.length), words);
            }
            return head(in).startsWith("HTTP/1.1 101 ");
        }
    }

    @BeforeAll
    static void start() throws IOException {
        new SplittableRandom(11).nextBytes(BYTES);
        server = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        THREADS.execute(ScarceTunnelsIT::serve);
        for (Loops.Backend backend : List.of(Loops.Backend.EPOLL, Loops.Backend.IO_URING)) {
            Proxy proxy = Proxy.lending(BUFFERS, backend, Certificates.NONE);
            proxy.waist.leadTo(server.getLocalPort(), endpoint -> endpoint.withHttp(HttpVersion.HTTP_1_1));
            PROXIES.put(backend, proxy);
        }
    }

    @AfterAll
    static void stop() throws IOException {
        PROXIES.values().forEach(Proxy::close);
        server.close();
        THREADS.shutdownNow();
    }

    private static void serve() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                THREADS.execute(() -> echo(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    /** Everything comes back, behind the answer to a request where there is one. */
    private static void echo(Socket socket) {
        try (socket) {
            InputStream in = socket.getInputStream();
            OutputStream out = socket.getOutputStream();
            int first = in.read();
            if (first == 'G') {
                String key = head(in).replaceFirst("(?is).*sec-websocket-key: ([^\r]*)\r.*", "$1");
                out.write(("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                                + "Sec-WebSocket-Accept: " + accept(key) + END_OF_HEAD)
                        .getBytes(StandardCharsets.ISO_8859_1));
            } else if (first >= 0) {
                out.write(first);
            }
            in.transferTo(out);
        } catch (IOException broken) {
            // The client's part to notice.
        }
    }

    private static String accept(String key) {
        try {
            byte[] text = (key + GUID).getBytes(StandardCharsets.ISO_8859_1);
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("SHA-1").digest(text));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf(END_OF_HEAD) < 0) {
            int octet = in.read();
            if (octet < 0) {
                break;
            }
            head.append((char) octet);
        }
        return head.toString();
    }

    static Stream<Arguments> tunnels() {
        List<Arguments> all = new ArrayList<>();
        for (Loops.Backend backend : PROXIES.keySet()) {
            for (Opening opening : Opening.values()) {
                all.add(Arguments.of(backend, opening, 1L));
                all.add(Arguments.of(backend, opening, Long.MAX_VALUE));
            }
        }
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("tunnels")
    void theClientHearsOfIt(Loops.Backend backend, Opening opening, long missing) throws Exception {
        Proxy proxy = PROXIES.get(backend);
        new Scarcity(proxy.live, BUFFERS, missing).isHeardOfBy(() -> ask(proxy.port(), opening));
    }

    private static String ask(int port, Opening opening) throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout((int) Scarcity.PATIENCE.toMillis());
            socket.getOutputStream().write(opening.words);
            if (!opening.opens(socket.getInputStream())) {
                return "refused";
            }
            var written = THREADS.submit(() -> {
                socket.getOutputStream().write(BYTES);
                return null;
            });
            byte[] back = socket.getInputStream().readNBytes(MUCH);
            if (back.length < MUCH) {
                return "ended";
            }
            written.get();
            assertThat(back).isEqualTo(BYTES);
            return Scarcity.SERVED;
        } catch (SocketTimeoutException waited) {
            return Scarcity.STUCK;
        } catch (IOException broken) {
            return "broken";
        }
    }
}
