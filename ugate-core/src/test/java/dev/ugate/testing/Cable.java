package dev.ugate.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** A cable to a server that can be frozen, so that nothing comes through and nobody is told, or cut, or put elsewhere. */
public final class Cable implements AutoCloseable {
    private final ServerSocket server;
    private volatile InetSocketAddress far;
    private final List<Socket> ends = new CopyOnWriteArrayList<>();
    private volatile boolean frozen;
    private volatile byte[] heard = {};

    public Cable(InetSocketAddress far) throws IOException {
        this.far = far;
        this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        daemon(this::accept);
    }

    public InetSocketAddress address() {
        return new InetSocketAddress(server.getInetAddress(), server.getLocalPort());
    }

    /** What is connected from now on goes there. */
    public void to(InetSocketAddress other) {
        far = other;
    }

    /** Connections that were made through it so far. */
    public int made() {
        return ends.size() / 2;
    }

    /** Those that both ends still have. */
    public long live() {
        return ends.stream().filter(end -> !end.isClosed()).count() / 2;
    }

    /** What the server said first, as far as it came at once, on the connection where it began to speak last. */
    public byte[] heard() {
        return heard.clone();
    }

    public void freeze() {
        frozen = true;
    }

    private static void daemon(Runnable work) {
        Thread thread = new Thread(work, "cable");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (true) {
                Socket near = server.accept();
                InetSocketAddress to = far;
                Socket other = new Socket(to.getAddress(), to.getPort());
                ends.addAll(List.of(near, other));
                daemon(() -> copy(near, other, first -> {}));
                daemon(() -> copy(other, near, first -> heard = first));
            }
        } catch (IOException closed) {
            // close() ends the loop.
        }
    }

    private void copy(Socket from, Socket to, Consumer<byte[]> first) {
        byte[] bytes = new byte[16 * 1024];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            boolean silent = true;
            for (int read = in.read(bytes); read >= 0; read = in.read(bytes)) {
                if (silent) {
                    first.accept(Arrays.copyOf(bytes, read));
                    silent = false;
                }
                if (!frozen) {
                    out.write(bytes, 0, read);
                }
            }
            if (frozen) {
                Thread.currentThread().join();
            }
        } catch (IOException | InterruptedException cut) {
            // Both ends see it.
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket end : ends) {
            end.close();
        }
    }
}
