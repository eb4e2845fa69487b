package dev.ugate.model.x509;

import java.util.Arrays;

/** Reads DER from the outside in, within bounds; whatever does not fit is an {@link IllegalArgumentException}. */
public final class DerReader {
    private final byte[] bytes;
    private final int end;
    private int at;

    public DerReader(byte[] bytes) {
        this(bytes, 0, bytes.length);
    }

    private DerReader(byte[] bytes, int at, int end) {
        this.bytes = bytes;
        this.at = at;
        this.end = end;
    }

    public boolean hasMore() {
        return at < end;
    }

    /** The tag of the next element, -1 when there is none. */
    public int tag() {
        return at < end ? bytes[at] & 0xFF : -1;
    }

    /** Steps into the next element and behind it. */
    public DerReader into(int tag) {
        int from = pass(tag);
        return new DerReader(bytes, from, at);
    }

    /** The content of the next element, whatever it is. */
    public byte[] content() {
        return content(tag());
    }

    /** The content of the next element. */
    public byte[] content(int tag) {
        int from = pass(tag);
        return Arrays.copyOfRange(bytes, from, at);
    }

    /** The next element whole, tag and length included. */
    public byte[] whole() {
        int from = at;
        pass(tag());
        return Arrays.copyOfRange(bytes, from, at);
    }

    /** The next element, a BIT STRING of whole octets (X.690 §8.6). */
    public byte[] bits() {
        int from = pass(Der.BIT_STRING);
        if (from == at || bytes[from] != 0) {
            throw new IllegalArgumentException("der: bit string: expected whole octets");
        }
        return Arrays.copyOfRange(bytes, from + 1, at);
    }

    /** Passes the next element; returns where its content begins, and {@code at} is where it ends. */
    private int pass(int tag) {
        if (end - at < 2 || (bytes[at] & 0xFF) != tag) {
            throw new IllegalArgumentException("der: tag " + tag() + " at " + at + ": expected " + tag);
        }
        int first = bytes[at + 1] & 0xFF;
        int from = at + 2;
        int length = first;
        if (first >= 0x80) {
            int octets = first & 0x7F;
            if (octets < 1 || octets > 3 || octets > end - from) {
                throw new IllegalArgumentException("der: length at " + at + ": expected at most 3 octets");
            }
            length = 0;
            for (int i = 0; i < octets; i++) {
                length = length << 8 | bytes[from++] & 0xFF;
            }
        }
        if (length > end - from) {
            throw new IllegalArgumentException(
                    "der: length " + length + " at " + at + ": expected at most " + (end - from));
        }
        at = from + length;
        return from;
    }
}
