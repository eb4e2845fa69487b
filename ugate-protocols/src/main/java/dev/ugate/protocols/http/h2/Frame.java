package dev.ugate.protocols.http.h2;

import io.netty.buffer.ByteBuf;

/** The head of the frame that is being read (RFC 9113 §4.1); one for each connection, overwritten by the next. */
final class Frame {
    static final int HEAD = 9;
    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int PRIORITY = 2;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int PUSH_PROMISE = 5;
    static final int PING = 6;
    static final int GOAWAY = 7;
    static final int WINDOW_UPDATE = 8;
    static final int CONTINUATION = 9;

    static final int END_STREAM = 0x1;
    static final int ACK = 0x1;
    static final int END_HEADERS = 0x4;
    static final int PADDED = 0x8;
    static final int WITH_PRIORITY = 0x20;

    private int length;
    private int type;
    private int flags;
    private int stream;

    void read(ByteBuf in) {
        int first = in.readInt();
        length = first >>> 8;
        type = first & 0xFF;
        flags = in.readByte();
        stream = in.readInt() & 0x7FFF_FFFF;
    }

    int length() {
        return length;
    }

    int type() {
        return type;
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    int stream() {
        return stream;
    }
}
