package dev.ugate.app.streams;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/** A stream in the binary messages of a WebSocket, of which it is the client. */
final class WebSocketPipe implements Pipe {
    private static final int BINARY = 0x82;
    private static final int CLOSE = 0x88;
    private static final int NORMAL = 1000;

    private final Pipe below;
    private final Messages in;

    WebSocketPipe(Pipe below) {
        this.below = below;
        this.in = new Messages(new DataInputStream(below.in()));
    }

    @Override
    public InputStream in() {
        return in;
    }

    @Override
    public void write(byte[] octets, int from, int length) throws IOException {
        frame(BINARY, octets, from, length);
    }

    @Override
    public void end() throws IOException {
        frame(CLOSE, ByteBuffer.allocate(2).putShort((short) NORMAL).array(), 0, 2);
    }

    @Override
    public void reset() throws IOException {
        below.reset();
    }

    @Override
    public boolean leave() throws IOException {
        below.leave();
        return false;
    }

    private synchronized void frame(int head, byte[] octets, int from, int length) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(14 + length).put((byte) head);
        if (length < 126) {
            frame.put((byte) (0x80 | length));
        } else if (length < 1 << 16) {
            frame.put((byte) (0x80 | 126)).putShort((short) length);
        } else {
            frame.put((byte) (0x80 | 127)).putLong(length);
        }
        byte[] mask = {(byte) length, 7, (byte) from, -1};
        frame.put(mask);
        for (int i = 0; i < length; i++) {
            frame.put((byte) (octets[from + i] ^ mask[i & 3]));
        }
        below.write(frame.array(), 0, frame.position());
    }

    /** What the server's frames carry, to its Close. */
    private static final class Messages extends InputStream {
        private final DataInputStream in;
        private long left;
        private boolean ended;

        Messages(DataInputStream in) {
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] octets, int from, int length) throws IOException {
            while (left == 0 && length > 0 && !ended) {
                head();
            }
            if (ended) {
                return -1;
            }
            int read = in.read(octets, from, (int) Math.min(left, length));
            if (read < 0) {
                throw new EOFException("an end within a message");
            }
            left -= read;
            return read;
        }

        private void head() throws IOException {
            int head = in.readUnsignedByte();
            int length = in.readUnsignedByte();
            left = length == 127 ? in.readLong() : length == 126 ? in.readUnsignedShort() : length;
            if (head == CLOSE) {
                int code = left == 0 ? NORMAL : in.readUnsignedShort();
                if (code != NORMAL) {
                    throw new IOException("closed with " + code);
                }
                ended = true;
            } else if (head != BINARY) {
                throw new IOException("a frame " + head + " of " + left);
            }
        }
    }
}
