package dev.ugate.protocols.http.hpack;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.Set;

/**
 * Writes the header blocks of one direction of a connection (RFC 7541 §6). Fields that are likely to come again enter the table;
 * secrets never do (§7.1). Text is not Huffman-coded: a proxy's time is dearer than a fifth of its header bytes.
 */
public final class HpackEncoder {
    /** The most that our table uses, however much the peer would allow (L38). */
    private static final int MAX_TABLE = 4096;

    /** Values that differ from message to message, or that nobody should be able to guess at through the table. */
    private static final Set<String> PASSING = Set.of(
            ":path",
            "age",
            "content-length",
            "content-range",
            "etag",
            "expires",
            "if-modified-since",
            "if-none-match",
            "last-modified",
            "location",
            "range",
            "set-cookie",
            "traceparent",
            "x-request-id");

    private static final Set<String> SECRET = Set.of("authorization", "cookie", "proxy-authorization");

    private static final int LONGEST_INDEXED = 512;

    private static final FastThreadLocal<byte[][]> SCRATCH = new FastThreadLocal<>() {
        @Override
        protected byte[][] initialValue() {
            return new byte[][] {new byte[4096]};
        }
    };

    private final Table table = new Table(MAX_TABLE);
    private byte[] block = SCRATCH.get()[0];
    private int at;
    private boolean resized;

    /** The peer's SETTINGS_HEADER_TABLE_SIZE. */
    public void limit(long octets) {
        int limit = (int) Math.min(octets, MAX_TABLE);
        if (limit != table.limit()) {
            table.limit(limit);
            resized = true;
        }
    }

    /** Begins a block. One encoder of a loop at a time is between begin and the last {@link #copy}. */
    public void begin() {
        block = SCRATCH.get()[0];
        at = 0;
        if (resized) {
            resized = false;
            room(8);
            integer(0x20, 0x1F, table.limit());
        }
    }

    /** Adds a field with a lower-case name. */
    public void field(String name, String value) {
        room(name.length() + value.length() + 16);
        int first = StaticTable.find(name);
        int known = first == 0 ? 0 : StaticTable.find(first, name, value);
        if (known > 0) {
            integer(0x80, 0x7F, known);
            return;
        }
        boolean secret = SECRET.contains(name);
        boolean passing = secret || value.length() > LONGEST_INDEXED || PASSING.contains(name);
        if (passing) {
            literal(secret ? 0x10 : 0, 0x0F, first, name);
            text(value);
            return;
        }
        int age = find(name, value);
        if (age >= 0) {
            integer(0x80, 0x7F, StaticTable.SIZE + 1 + age);
            return;
        }
        literal(0x40, 0x3F, first, name);
        text(value);
        table.add(new Entry(name, value, true));
    }

    /** Octets of the block so far. */
    public int size() {
        return at;
    }

    /** Appends a part of the block to {@code out}. */
    public void copy(int from, int length, ByteBuf out) {
        out.writeBytes(block, from, length);
    }

    private int find(String name, String value) {
        int hash = value.hashCode();
        for (int age = 0; age < table.count(); age++) {
            Entry entry = table.at(age);
            if (entry.value().hashCode() == hash
                    && entry.name().equals(name)
                    && entry.value().equals(value)) {
                return age;
            }
        }
        return -1;
    }

    private void literal(int pattern, int mask, int nameIndex, String name) {
        integer(pattern, mask, nameIndex);
        if (nameIndex == 0) {
            text(name);
        }
    }

    @SuppressWarnings(
            "deprecation") // Field text is ISO 8859-1: taking the low octets of each character is what is wanted.
    private void text(String text) {
        integer(0, 0x7F, text.length());
        text.getBytes(0, text.length(), block, at);
        at += text.length();
    }

    private void integer(int pattern, int mask, int value) {
        if (value < mask) {
            block[at++] = (byte) (pattern | value);
            return;
        }
        block[at++] = (byte) (pattern | mask);
        int rest = value - mask;
        while (rest >= 0x80) {
            block[at++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        block[at++] = (byte) rest;
    }

    private void room(int octets) {
        if (block.length - at < octets) {
            byte[] larger = java.util.Arrays.copyOf(block, Math.max(block.length * 2, at + octets));
            SCRATCH.get()[0] = larger;
            block = larger;
        }
    }
}
