package dev.ugate.app.streams;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;

/** A stream on a socket; {@code layered} is the same one, or TLS on it. */
record SocketPipe(Socket socket, Socket layered, InputStream in) implements Pipe {
    static SocketPipe of(Socket socket, Socket layered) throws IOException {
        return new SocketPipe(socket, layered, new BufferedInputStream(layered.getInputStream(), 1 << 12));
    }

    @Override
    public void write(byte[] octets, int from, int length) throws IOException {
        layered.getOutputStream().write(octets, from, length);
    }

    @Override
    public void end() throws IOException {
        layered.shutdownOutput();
    }

    @Override
    public void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public boolean leave() throws IOException {
        socket.close();
        return socket.equals(layered);
    }
}
