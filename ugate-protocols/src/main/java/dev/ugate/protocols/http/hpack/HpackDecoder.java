package dev.ugate.protocols.http.hpack;

import dev.ugate.protocols.http.wire.Tokens;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.FastThreadLocal;

/** Reads the header blocks of one direction of a connection (RFC 7541 §6); every block must be read whole, or the tables differ. */
public final class HpackDecoder {
    /** Takes the fields of a block, in order. */
    @FunctionalInterface
    public interface Sink {
        /** {@code legal} tells whether the octets may stand in HTTP/2 (RFC 9113 §8.2.1). */
        void field(String name, String value, boolean legal);
    }

    private static final FastThreadLocal<Scratch> SCRATCH = new FastThreadLocal<>() {
        @Override
        protected Scratch initialValue() {
            return new Scratch();
        }
    };

    /** What one loop decodes with. */
    private static final class Scratch {
        private byte[] block = new byte[4096];
        private byte[] text = new byte[4096];
    }

    private final Table table;
    private final int maxTable;
    private Scratch scratch = SCRATCH.get();
    private int at;
    private int end;
    private int from;
    private int to;

    /** {@code maxTable} octets are what our settings allow the encoder. */
    public HpackDecoder(int maxTable) {
        this.maxTable = maxTable;
        this.table = new Table(maxTable);
    }

    /** Consumes a block. Throws {@link HpackException}. */
    public void decode(ByteBuf block, Sink sink) {
        scratch = SCRATCH.get();
        int length = block.readableBytes();
        if (scratch.block.length < length) {
            scratch.block = new byte[length];
        }
        block.readBytes(scratch.block, 0, length);
        at = 0;
        end = length;
        boolean begun = false;
        while (at < end) {
            int first = scratch.block[at];
            if ((first & 0xE0) == 0x20) {
                resize(begun);
                continue;
            }
            begun = true;
            if (first < 0) {
                Entry known = entry(integer(0x7F));
                sink.field(known.name(), known.value(), known.legal());
            } else if ((first & 0x40) != 0) {
                Entry added = literal(integer(0x3F));
                table.add(added);
                sink.field(added.name(), added.value(), added.legal());
            } else {
                Entry passing = literal(integer(0x0F));
                sink.field(passing.name(), passing.value(), passing.legal());
            }
        }
    }

    private void resize(boolean begun) {
        int size = integer(0x1F);
        if (begun || size > maxTable) {
            throw new HpackException("table size " + size + ": expected at most " + maxTable + ", before all fields");
        }
        table.limit(size);
    }

    private Entry entry(int index) {
        if (index > 0 && index <= StaticTable.SIZE) {
            return StaticTable.at(index);
        }
        int age = index - StaticTable.SIZE - 1;
        if (age < 0 || age >= table.count()) {
            throw new HpackException("index " + index + ": expected one of " + (StaticTable.SIZE + table.count()));
        }
        return table.at(age);
    }

    private Entry literal(int nameIndex) {
        String name;
        boolean legal;
        if (nameIndex > 0) {
            Entry known = entry(nameIndex);
            name = known.name();
            legal = known.legal();
        } else {
            byte[] octets = string();
            legal = Tokens.isFieldName(octets, from, to);
            name = Tokens.text(octets, from, to);
        }
        byte[] octets = string();
        return new Entry(name, Tokens.text(octets, from, to), legal && Tokens.isFieldValue(octets, from, to));
    }

    /** Finds the next string between {@code from} and {@code to} of the array it returns (§5.2). */
    private byte[] string() {
        if (at == end) {
            throw truncated();
        }
        boolean plain = scratch.block[at] >= 0;
        int length = integer(0x7F);
        if (length > end - at) {
            throw truncated();
        }
        int start = at;
        at += length;
        if (plain) {
            from = start;
            to = at;
            return scratch.block;
        }
        // No code is shorter than five bits.
        if (scratch.text.length < length * 2) {
            scratch.text = new byte[length * 2];
        }
        from = 0;
        to = Huffman.decode(scratch.block, start, at, scratch.text);
        return scratch.text;
    }

    /** An integer whose first octet has a prefix of {@code mask} (§5.1). */
    private int integer(int mask) {
        int value = scratch.block[at++] & mask;
        if (value < mask) {
            return value;
        }
        for (int shift = 0; shift <= 21; shift += 7) {
            if (at == end) {
                throw truncated();
            }
            byte octet = scratch.block[at++];
            value += (octet & 0x7F) << shift;
            if (octet >= 0) {
                return value;
            }
        }
        throw new HpackException("integer: expected at most five octets");
    }

    private static HpackException truncated() {
        return new HpackException("block: ends inside a field");
    }
}
