package dev.ugate.app;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A server on a free loopback port that runs one conversation on a thread for each connection, and counts them. */
public final class Upstream implements AutoCloseable {
    /** What is said on one connection; its end closes it. */
    public interface Conversation {
        void hold(Socket socket) throws IOException;
    }

    private final ServerSocket server;
    private final Conversation conversation;
    private final AtomicInteger accepted = new AtomicInteger();
    private final List<Socket> open = new CopyOnWriteArrayList<>();

    private Upstream(Conversation conversation) throws IOException {
        this.server = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
        this.conversation = conversation;
        daemon(this::accept);
    }

    /** Sends back what it reads until the end. */
    public static Upstream echo() {
        return of(socket -> {
            socket.getInputStream().transferTo(socket.getOutputStream());
            socket.shutdownOutput();
        });
    }

    public static Upstream of(Conversation conversation) {
        try {
            return new Upstream(conversation);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void daemon(Runnable work) {
        Thread thread = new Thread(work, "upstream");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                accepted.incrementAndGet();
                open.add(socket);
                daemon(() -> hold(socket));
            }
        } catch (IOException closed) {
            // close() ends the loop.
        }
    }

    private void hold(Socket socket) {
        try (socket) {
            conversation.hold(socket);
        } catch (IOException broken) {
            // The test sees the other end of it.
        } finally {
            open.remove(socket);
        }
    }

    public int port() {
        return server.getLocalPort();
    }

    /** {@code 127.0.0.1:port}. */
    public String at() {
        return "127.0.0.1:" + port();
    }

    /** Connections ever accepted. */
    public int accepted() {
        return accepted.get();
    }

    /** Connections open now. */
    public int live() {
        return open.size();
    }

    /** Reads exactly {@code length} bytes. */
    public static byte[] exactly(InputStream in, int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new IOException("ended after " + bytes.length + " of " + length + " bytes");
        }
        return bytes;
    }

    /** Reads one head of HTTP/1, and its empty line. */
    public static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) (exactly(in, 1)[0] & 0xFF));
        }
        return head.toString();
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
