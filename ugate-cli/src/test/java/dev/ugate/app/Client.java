package dev.ugate.app;

import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;

/** A client of the protocols under test that says exactly what the test wants. */
public final class Client {
    private static final int PATIENCE_MILLIS = 20_000;

    private Client() {}

    /** A plain connection whose reads fail after a while. */
    public static Socket connect(InetSocketAddress address) throws IOException {
        Socket socket = new Socket();
        socket.connect(address, PATIENCE_MILLIS);
        socket.setSoTimeout(PATIENCE_MILLIS);
        return socket;
    }

    /** A tunnel by SOCKS5 without a password; throws {@link IOException} {@code socks5 reply N}. */
    public static Socket socks5(InetSocketAddress proxy, String host, int port) throws IOException {
        Socket socket = connect(proxy);
        try {
            int reply = request(socket, host, port);
            if (reply != 0) {
                throw new IOException("socks5 reply " + reply);
            }
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private static int request(Socket socket, String host, int port) throws IOException {
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        InputStream in = socket.getInputStream();
        out.write(new byte[] {5, 1, 0});
        Upstream.exactly(in, 2);
        byte[] name = host.getBytes(StandardCharsets.US_ASCII);
        byte[] head = new byte[7 + name.length];
        head[0] = 5;
        head[1] = 1;
        head[3] = 3;
        head[4] = (byte) name.length;
        System.arraycopy(name, 0, head, 5, name.length);
        head[5 + name.length] = (byte) (port >> 8);
        head[6 + name.length] = (byte) port;
        out.write(head);
        byte[] reply = Upstream.exactly(in, 4);
        Upstream.exactly(in, reply[3] == 4 ? 18 : 6);
        return reply[1];
    }

    /** Sends text and returns what comes back until the end. */
    public static String say(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        socket.shutdownOutput();
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    /** Sends text and expects it back. */
    public static boolean echoes(Socket socket, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        socket.getOutputStream().write(bytes);
        return new String(Upstream.exactly(socket.getInputStream(), bytes.length), StandardCharsets.ISO_8859_1)
                .equals(text);
    }

    /** Sends all of it and the end, meanwhile reads to the end, and returns what came. */
    public static byte[] echoed(Socket socket, byte[] body) throws IOException {
        try (socket) {
            socket.setSoTimeout(30_000);
            CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
                try {
                    socket.getOutputStream().write(body);
                    socket.shutdownOutput();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            byte[] back = socket.getInputStream().readAllBytes();
            sent.join();
            return back;
        }
    }
}
