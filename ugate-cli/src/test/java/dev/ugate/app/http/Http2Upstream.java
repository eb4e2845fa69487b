package dev.ugate.app.http;

import dev.ugate.protocols.http.hpack.HpackDecoder;
import io.netty.buffer.Unpooled;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A server of HTTP/2 in the clear that hears what a test asks it to, and says what a test tells it to; it has one connection. */
final class Http2Upstream implements AutoCloseable {
    private static final int PREFACE = 24;
    private static final int PATIENCE_MILLIS = 20_000;

    private final ServerSocket listening;
    private final HpackDecoder decoder = new HpackDecoder(4096);
    private Socket socket = new Socket();

    Http2Upstream() throws IOException {
        listening = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        listening.setSoTimeout(PATIENCE_MILLIS);
    }

    int port() {
        return listening.getLocalPort();
    }

    /** The next frame of a stream: {@code HEADERS 1 end :method=GET …}, {@code DATA 1 text}, {@code RST 1 8}. */
    String hear() throws IOException {
        while (true) {
            RawHttp2.Frame frame = RawHttp2.next(in());
            boolean end = (frame.flags() & RawHttp2.END_STREAM) != 0;
            String name = frame.stream() + (end ? " end" : "");
            switch (frame.type()) {
                case RawHttp2.HEADERS -> {
                    return "HEADERS " + name + fields(frame.payload());
                }
                case RawHttp2.DATA -> {
                    return ("DATA " + name + " " + new String(frame.payload(), StandardCharsets.US_ASCII)).strip();
                }
                case RawHttp2.RST_STREAM -> {
                    return "RST " + frame.stream() + " " + frame.code();
                }
                default -> {}
            }
        }
    }

    private DataInputStream in() throws IOException {
        if (!socket.isConnected()) {
            socket = listening.accept();
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.getInputStream().readNBytes(PREFACE);
            say(RawHttp2.SETTINGS, 0, 0);
            say(RawHttp2.SETTINGS, RawHttp2.END_STREAM, 0); // The same bit is ACK.
        }
        return new DataInputStream(socket.getInputStream());
    }

    private String fields(byte[] block) {
        StringBuilder all = new StringBuilder();
        decoder.decode(
                Unpooled.wrappedBuffer(block),
                (name, value, legal) -> all.append(' ').append(name).append('=').append(value));
        return all.toString();
    }

    /** A head that is a status alone: a literal without indexing whose name is the eighth of the static table (RFC 7541 §6.2.2). */
    void status(int stream, int status, boolean end) throws IOException {
        byte[] digits = Integer.toString(status).getBytes(StandardCharsets.US_ASCII);
        int flags = RawHttp2.END_HEADERS | (end ? RawHttp2.END_STREAM : 0);
        say(RawHttp2.HEADERS, flags, stream, (byte) 8, (byte) 3, digits[0], digits[1], digits[2]);
    }

    /** The whole body of an answer. */
    void body(int stream, String text) throws IOException {
        say(RawHttp2.DATA, RawHttp2.END_STREAM, stream, text.getBytes(StandardCharsets.US_ASCII));
    }

    void reset(int stream, int code) throws IOException {
        say(RawHttp2.RST_STREAM, 0, stream, ByteBuffer.allocate(4).putInt(code).array());
    }

    private void say(int type, int flags, int stream, byte... payload) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(9 + payload.length);
        frame.putInt(payload.length << 8 | type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload);
        socket.getOutputStream().write(frame.array());
    }

    @Override
    public void close() throws IOException {
        socket.close();
        listening.close();
    }
}
