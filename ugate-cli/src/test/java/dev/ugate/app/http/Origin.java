package dev.ugate.app.http;

import dev.ugate.app.Upstream;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** An HTTP/1.1 server by hand: it answers in every framing, keeps connections, and shows what it was asked. */
final class Origin implements AutoCloseable {
    /** What {@code /body} and {@code /chunked} answer with. */
    static final byte[] BODY = new byte[5 << 20];

    private static final int CHUNK = 100_000;
    private static final String SMALL = "x".repeat(64);

    static {
        new Random(4).nextBytes(BODY);
    }

    private final Upstream server = Upstream.of(this::converse);
    private final Semaphore events = new Semaphore(0);
    private final AtomicInteger requests = new AtomicInteger();

    private record Asked(String line, Map<String, String> fields, byte[] body, Map<String, String> trailers) {
        String path() {
            return line.split(" ")[1].replaceFirst("^http://[^/]*", "");
        }

        boolean head() {
            return line.startsWith("HEAD ");
        }

        boolean last() {
            return "close".equalsIgnoreCase(fields.get("connection")) || line.endsWith("/1.0");
        }
    }

    String at() {
        return server.at();
    }

    InetSocketAddress address() {
        return new InetSocketAddress("127.0.0.1", server.port());
    }

    /** Requests heard so far. */
    int requests() {
        return requests.get();
    }

    /** Lets {@code /events} send one more. */
    void event() {
        events.release();
    }

    static String digest(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private void converse(Socket socket) throws IOException {
        InputStream in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
        OutputStream out = socket.getOutputStream();
        while (true) {
            String line = line(in);
            if (line.isEmpty()) {
                return;
            }
            requests.incrementAndGet();
            Map<String, String> fields = fields(in);
            if (fields.containsKey("expect")) {
                say(out, "HTTP/1.1 100 Continue\r\n\r\n");
            }
            Asked asked = whole(in, line, fields);
            answer(out, asked);
            if (asked.last()) {
                return;
            }
        }
    }

    private static Asked whole(InputStream in, String line, Map<String, String> fields) throws IOException {
        if (!"chunked".equalsIgnoreCase(fields.get("transfer-encoding"))) {
            int length = Integer.parseInt(fields.getOrDefault("content-length", "0"));
            return new Asked(line, fields, Upstream.exactly(in, length), Map.of());
        }
        var body = new ByteArrayOutputStream();
        for (int size; (size = size(line(in))) > 0; line(in)) {
            body.write(Upstream.exactly(in, size));
        }
        return new Asked(line, fields, body.toByteArray(), fields(in));
    }

    private static int size(String line) throws IOException {
        if (line.isEmpty()) {
            throw new IOException("ended within a chunked body");
        }
        return Integer.parseInt(line, 16);
    }

    private void answer(OutputStream out, Asked asked) throws IOException {
        switch (asked.path()) {
            case "/body" -> {
                say(out, "HTTP/1.1 200 OK\r\nContent-Length: " + BODY.length + "\r\n\r\n");
                if (!asked.head()) {
                    out.write(BODY);
                }
            }
            case "/chunked" -> chunked(out, asked);
            case "/events" -> events(out);
            case "/hints" -> {
                say(out, "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload; as=style\r\n\r\n");
                text(out, asked, SMALL);
            }
            case "/upload" -> text(out, asked, digest(asked.body()) + " " + asked.trailers());
            case "/seen" -> text(out, asked, asked.line() + "\n" + asked.fields());
            default -> text(out, asked, SMALL);
        }
    }

    private static void text(OutputStream out, Asked asked, String text) throws IOException {
        say(
                out,
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " + text.length() + "\r\n\r\n"
                        + (asked.head() ? "" : text));
    }

    private static void chunked(OutputStream out, Asked asked) throws IOException {
        say(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Digest-Of-Body\r\n\r\n");
        if (asked.head()) {
            return;
        }
        for (int at = 0; at < BODY.length; at += CHUNK) {
            int size = Math.min(CHUNK, BODY.length - at);
            say(out, Integer.toHexString(size) + "\r\n");
            out.write(BODY, at, size);
            say(out, "\r\n");
        }
        say(out, "0\r\nDigest-Of-Body: " + digest(BODY) + "\r\n\r\n");
    }

    private void events(OutputStream out) throws IOException {
        say(out, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (int i = 1; i <= 3; i++) {
            try {
                if (!events.tryAcquire(30, TimeUnit.SECONDS)) {
                    throw new IOException("event " + i + ": not asked for within 30 s");
                }
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            String event = "data: " + i + "\n\n";
            say(out, Integer.toHexString(event.length()) + "\r\n" + event + "\r\n");
        }
        say(out, "0\r\n\r\n");
    }

    private static void say(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static Map<String, String> fields(InputStream in) throws IOException {
        Map<String, String> fields = new TreeMap<>();
        for (String line; !(line = line(in)).isEmpty(); ) {
            int colon = line.indexOf(':');
            fields.merge(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).trim(),
                    (first, next) -> first + ", " + next);
        }
        return fields;
    }

    /** One line without its end; empty at the end of the stream. */
    private static String line(InputStream in) throws IOException {
        var line = new StringBuilder();
        for (int c; (c = in.read()) >= 0 && c != '\n'; ) {
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
