package dev.ugate.app.http;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** An HTTP/2 connection in the clear on which a test says any frame it likes; frames are gathered until {@link #flush}. */
final class RawHttp2 implements AutoCloseable {
    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int PRIORITY = 2;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int PING = 6;
    static final int GOAWAY = 7;
    static final int WINDOW_UPDATE = 8;
    static final int CONTINUATION = 9;
    static final int END_STREAM = 1;
    static final int END_HEADERS = 4;
    static final int ENHANCE_YOUR_CALM = 11;

    private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

    private final Socket socket = new Socket();
    private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
    private final String authority;

    /** One frame as it came. */
    record Frame(int type, int flags, int stream, byte[] payload) {
        /** The error code of RST_STREAM and GOAWAY. */
        int code() {
            return ByteBuffer.wrap(payload).getInt(payload.length < 8 ? 0 : 4);
        }
    }

    /** How a connection ended: the code of its GOAWAY, or -1 without one. */
    record End(int code, int resets) {}

    /** Connects and says the preface with these settings, six octets each. */
    RawHttp2(InetSocketAddress address, String authority, int patienceMillis, int... settings) throws IOException {
        this.authority = authority;
        socket.setTcpNoDelay(true);
        socket.connect(address, patienceMillis);
        socket.setSoTimeout(patienceMillis);
        pending.writeBytes(PREFACE.getBytes(StandardCharsets.US_ASCII));
        frame(SETTINGS, 0, 0, settings);
    }

    RawHttp2 frame(int type, int flags, int stream, int... octets) {
        byte[] payload = new byte[octets.length];
        for (int i = 0; i < octets.length; i++) {
            payload[i] = (byte) octets[i];
        }
        return frame(type, flags, stream, payload);
    }

    RawHttp2 frame(int type, int flags, int stream, byte[] payload) {
        ByteBuffer head = ByteBuffer.allocate(9);
        head.putInt(payload.length << 8 | type).put((byte) flags).putInt(stream);
        pending.writeBytes(head.array());
        pending.writeBytes(payload);
        return this;
    }

    /** The field block of a request to {@code /}: indexed fields, and the authority as a literal. */
    byte[] block(boolean post) {
        byte[] name = authority.getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(5 + name.length)
                .put(new byte[] {(byte) (post ? 0x83 : 0x82), (byte) 0x86, (byte) 0x84, 1, (byte) name.length})
                .put(name)
                .array();
    }

    RawHttp2 get(int stream) {
        return frame(HEADERS, END_STREAM | END_HEADERS, stream, block(false));
    }

    RawHttp2 post(int stream) {
        return frame(HEADERS, END_HEADERS, stream, block(true));
    }

    void flush() throws IOException {
        OutputStream out = socket.getOutputStream();
        pending.writeTo(out);
        pending.reset();
    }

    /** The next frame; throws {@link IOException} at the end. */
    Frame next() throws IOException {
        return next(new DataInputStream(socket.getInputStream()));
    }

    static Frame next(DataInputStream in) throws IOException {
        int lengthAndType = in.readInt();
        int flags = in.readUnsignedByte();
        int stream = in.readInt();
        byte[] payload = new byte[lengthAndType >>> 8];
        in.readFully(payload);
        return new Frame(lengthAndType & 0xff, flags, stream, payload);
    }

    /** Says what is pending and reads to the end; throws {@link java.net.SocketTimeoutException} when there is none in time. */
    End end() throws IOException {
        int code = -1;
        int resets = 0;
        DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        try {
            flush();
            while (true) {
                Frame frame = next(in);
                code = frame.type() == GOAWAY ? frame.code() : code;
                resets += frame.type() == RST_STREAM ? 1 : 0;
            }
        } catch (java.net.SocketTimeoutException e) {
            throw e;
        } catch (IOException ended) {
            return new End(code, resets);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
