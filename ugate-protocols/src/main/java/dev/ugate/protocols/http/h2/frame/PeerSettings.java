package dev.ugate.protocols.http.h2.frame;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;

/** What the peer's SETTINGS say (RFC 9113 §6.5.2, RFC 8441 §3). */
public final class PeerSettings {
    public static final int HEADER_TABLE_SIZE = 1;
    public static final int ENABLE_PUSH = 2;
    public static final int MAX_CONCURRENT_STREAMS = 3;
    public static final int INITIAL_WINDOW_SIZE = 4;
    public static final int MAX_FRAME_SIZE = 5;
    public static final int MAX_HEADER_LIST_SIZE = 6;
    public static final int ENABLE_CONNECT_PROTOCOL = 8;

    /** Octets of every window until somebody says otherwise. */
    public static final int FIRST_WINDOW = 65_535;

    private static final int SETTING = 6;
    public static final int LEAST_FRAME = 16 * 1024;
    public static final int LARGEST_FRAME = (1 << 24) - 1;

    private boolean known;
    private long tableSize = 4096;
    private long streams = Integer.MAX_VALUE;
    private int window = FIRST_WINDOW;
    private int maxFrame = LEAST_FRAME;
    private boolean connectProtocol;
    private final List<Runnable> waiting = new ArrayList<>(0);

    /** Reads the payload of a frame. Throws {@link Violation}. */
    public void read(ByteBuf payload) {
        if (payload.readableBytes() % SETTING != 0) {
            throw Violation.fatal(Code.FRAME_SIZE_ERROR, "settings: expected six octets each");
        }
        known = true;
        while (payload.isReadable()) {
            apply(payload.readUnsignedShort(), payload.readUnsignedInt());
        }
    }

    private void apply(int id, long value) {
        switch (id) {
            case HEADER_TABLE_SIZE -> tableSize = value;
            case ENABLE_PUSH -> check(value <= 1, Code.PROTOCOL_ERROR, "ENABLE_PUSH");
            case MAX_CONCURRENT_STREAMS -> streams = value;
            case INITIAL_WINDOW_SIZE -> {
                check(value <= Integer.MAX_VALUE, Code.FLOW_CONTROL_ERROR, "INITIAL_WINDOW_SIZE");
                window = (int) value;
            }
            case MAX_FRAME_SIZE -> {
                check(value >= LEAST_FRAME && value <= LARGEST_FRAME, Code.PROTOCOL_ERROR, "MAX_FRAME_SIZE");
                maxFrame = (int) value;
            }
            case ENABLE_CONNECT_PROTOCOL -> {
                check(value == 1 || value == 0 && !connectProtocol, Code.PROTOCOL_ERROR, "ENABLE_CONNECT_PROTOCOL");
                connectProtocol = value == 1;
            }
            default -> {
                // MAX_HEADER_LIST_SIZE is advice that an attacker could give too (T52); others are unknown.
            }
        }
    }

    private static void check(boolean legal, Code code, String name) {
        if (!legal) {
            throw Violation.fatal(code, "settings: " + name + ": out of range");
        }
    }

    /** Runs {@code next} when any came, or when the connection is gone; at once where that was. */
    public void whenKnown(Runnable next) {
        if (known) {
            next.run();
        } else {
            waiting.add(next);
        }
    }

    /** Nobody has to wait any more. */
    public void settle() {
        List<Runnable> all = List.copyOf(waiting);
        waiting.clear();
        all.forEach(Runnable::run);
    }

    /** Whether any came. */
    public boolean known() {
        return known;
    }

    public long tableSize() {
        return tableSize;
    }

    /** How many streams the peer lets this side have open. */
    public long streams() {
        return streams;
    }

    public int window() {
        return window;
    }

    public int maxFrame() {
        return maxFrame;
    }

    public boolean connectProtocol() {
        return connectProtocol;
    }
}
