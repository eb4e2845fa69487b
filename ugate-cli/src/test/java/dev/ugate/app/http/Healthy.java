package dev.ugate.app.http;

import dev.ugate.app.Client;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A well-behaved client: one request every few milliseconds on a kept connection, each timed. */
final class Healthy implements AutoCloseable {
    private static final long PAUSE_MILLIS = 4;
    private static final double NANOS_IN_MILLI = 1e6;

    private final CountDownLatch stopped = new CountDownLatch(1);
    private final List<Long> took = new ArrayList<>();
    private final List<String> wrong = new ArrayList<>();
    private final Thread thread;

    Healthy(InetSocketAddress gate, String host) {
        thread = new Thread(() -> run(gate, host), "healthy");
        thread.setDaemon(true);
        thread.start();
    }

    /** The 99th percentile in milliseconds over a while without anything else. */
    static double idle(InetSocketAddress gate, String host, Duration during) throws InterruptedException {
        Healthy healthy = new Healthy(gate, host);
        new CountDownLatch(1).await(during.toMillis(), TimeUnit.MILLISECONDS);
        return healthy.p99();
    }

    private void run(InetSocketAddress gate, String host) {
        byte[] request = ("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
        try (Socket socket = Client.connect(gate)) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            while (!stopped.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
                long begun = System.nanoTime();
                socket.getOutputStream().write(request);
                answer(in);
                took.add(System.nanoTime() - begun);
            }
        } catch (IOException | InterruptedException e) {
            wrong.add(e.toString());
        }
    }

    private void answer(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
            int c = in.read();
            if (c < 0) {
                throw new IOException("ended after " + took.size() + " answers");
            }
            head.append((char) c);
        }
        String text = head.toString();
        if (!text.startsWith("HTTP/1.1 200 ")) {
            wrong.add(text);
        }
        in.skipNBytes(Long.parseLong(text.replaceFirst("(?is).*\r\ncontent-length: *([0-9]+)\r\n.*", "$1")));
    }

    /** Stops; the 99th percentile in milliseconds. Throws when an answer was wrong or missing. */
    double p99() throws InterruptedException {
        close();
        thread.join(Duration.ofSeconds(25).toMillis());
        if (!wrong.isEmpty() || took.isEmpty()) {
            throw new AssertionError("healthy requests: " + took.size() + " answered, then " + wrong);
        }
        List<Long> sorted = took.stream().sorted().toList();
        return sorted.get(sorted.size() * 99 / 100) / NANOS_IN_MILLI;
    }

    @Override
    public void close() {
        stopped.countDown();
    }
}
