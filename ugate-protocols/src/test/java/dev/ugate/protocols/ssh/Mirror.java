package dev.ugate.protocols.ssh;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A server on loopback that says back what it hears, at once or when all of it came; and clients that check what they get back. */
public final class Mirror implements AutoCloseable {
    private final ServerSocket server;
    private final boolean whole;

    /** {@code whole}: the answer begins when the client ended. */
    public Mirror(boolean whole) throws IOException {
        this.whole = whole;
        this.server = new ServerSocket(0, 512, InetAddress.getLoopbackAddress());
        daemon(this::accept);
    }

    public int port() {
        return server.getLocalPort();
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                daemon(() -> serve(client));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket client) {
        try (client) {
            InputStream in = client.getInputStream();
            if (whole) {
                client.getOutputStream().write(in.readAllBytes());
            } else {
                in.transferTo(client.getOutputStream());
            }
            client.shutdownOutput();
        } catch (IOException broken) {
            // The client sees it.
        }
    }

    /** Sends {@code size} bytes through a port of this machine, ends, and fails unless exactly these come back, and an end. */
    public static void through(int port, int size, long seed) throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(30_000);
            through(socket.getOutputStream(), socket.getInputStream(), socket::shutdownOutput, size, seed);
        } catch (SocketTimeoutException late) {
            throw new AssertionError("mirror: silent for 30 s", late);
        }
    }

    /** Ends one direction. */
    public interface End {
        void end() throws IOException;
    }

    public static void through(OutputStream out, InputStream in, End end, int size, long seed) throws Exception {
        MessageDigest sent = sha256();
        CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> {
            Random random = new Random(seed);
            byte[] part = new byte[64 * 1024];
            try {
                for (int left = size; left > 0; left -= part.length) {
                    random.nextBytes(part);
                    int length = Math.min(left, part.length);
                    sent.update(part, 0, length);
                    out.write(part, 0, length);
                }
                out.flush();
                end.end();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        MessageDigest got = sha256();
        byte[] part = new byte[64 * 1024];
        long count = 0;
        for (int length = in.read(part); length >= 0; length = in.read(part)) {
            got.update(part, 0, length);
            count += length;
        }
        writing.get(30, TimeUnit.SECONDS);
        if (count != size || !Arrays.equals(sent.digest(), got.digest())) {
            throw new AssertionError("mirror: sent " + size + " bytes, got " + count + ": expected the same back");
        }
    }

    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    public static String hex(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
