package dev.ugate.protocols.ssh;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A connection through a SOCKS4a proxy on loopback. */
final class Socks implements AutoCloseable {
    private final Socket socket;

    Socks(int proxy, String host, int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), proxy);
        socket.setSoTimeout(30_000);
        OutputStream out = socket.getOutputStream();
        out.write(new byte[] {4, 1, (byte) (port >> 8), (byte) port, 0, 0, 0, 1, 0});
        out.write((host + "\0").getBytes(StandardCharsets.US_ASCII));
        byte[] answer = socket.getInputStream().readNBytes(8);
        if (answer.length < 8 || answer[1] != 90) {
            throw new IOException("socks: refused");
        }
    }

    OutputStream out() throws IOException {
        return socket.getOutputStream();
    }

    InputStream in() throws IOException {
        return socket.getInputStream();
    }

    void end() throws IOException {
        socket.shutdownOutput();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
