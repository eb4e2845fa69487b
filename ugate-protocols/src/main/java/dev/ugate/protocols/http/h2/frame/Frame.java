package dev.ugate.protocols.http.h2.frame;

import io.netty.buffer.ByteBuf;

/** The head of the frame that is being read (RFC 9113 §4.1); one for each connection, overwritten by the next. */
public final class Frame {
    public static final int HEAD = 9;
    public static final int DATA = 0;
    public static final int HEADERS = 1;
    public static final int PRIORITY = 2;
    public static final int RST_STREAM = 3;
    public static final int SETTINGS = 4;
    public static final int PUSH_PROMISE = 5;
    public static final int PING = 6;
    public static final int GOAWAY = 7;
    public static final int WINDOW_UPDATE = 8;
    public static final int CONTINUATION = 9;

    public static final int END_STREAM = 0x1;
    public static final int ACK = 0x1;
    public static final int END_HEADERS = 0x4;
    public static final int PADDED = 0x8;
    public static final int WITH_PRIORITY = 0x20;

    private int length;
    private int type;
    private int flags;
    private int stream;

    public void read(ByteBuf in) {
        int first = in.readInt();
        length = first >>> 8;
        type = first & 0xFF;
        flags = in.readByte();
        stream = in.readInt() & 0x7FFF_FFFF;
    }

    public int length() {
        return length;
    }

    public int type() {
        return type;
    }

    public boolean has(int flag) {
        return (flags & flag) != 0;
    }

    public int stream() {
        return stream;
    }
}
