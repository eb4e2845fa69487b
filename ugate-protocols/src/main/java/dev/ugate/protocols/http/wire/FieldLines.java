package dev.ugate.protocols.http.wire;

import dev.ugate.model.http.Fields;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Reads field lines up to the empty line (RFC 9112 §5), of a head or of trailers; strict and incremental. */
final class FieldLines {
    /** What a field costs beside its octets (L31), as HTTP/2 counts it (RFC 9113 §10.5.1). */
    private static final int COST = 32;

    private static final int TOO_LARGE = 431;

    private final LineReader lines;
    private final int maxBytes;
    private final int maxFields;
    private Fields.Builder fields = new Fields.Builder();
    private int used;

    FieldLines(LineReader lines, int maxBytes, int maxFields) {
        this.lines = lines;
        this.maxBytes = maxBytes;
        this.maxFields = maxFields;
    }

    /** The fields once the empty line was consumed, null before. Throws {@link Rejected}. */
    @Nullable
    Fields read(ByteBuf in) {
        while (lines.next(in, maxBytes - used, TOO_LARGE)) {
            if (lines.length() == 0) {
                Fields complete = fields.build();
                fields = new Fields.Builder(complete.size()); // the next head of a connection is like the one before
                used = 0;
                return complete;
            }
            add(lines.octets(), lines.length());
        }
        return null;
    }

    private void add(byte[] line, int length) {
        used += length + COST;
        if (used > maxBytes || fields.size() == maxFields) {
            throw Rejected.with(
                    TOO_LARGE, "head: expected at most " + maxFields + " fields of " + maxBytes + " octets");
        }
        int colon = name(line, length);
        int from = colon + 1;
        int to = length;
        while (from < to && isSpace(line[from])) {
            from++;
        }
        while (to > from && isSpace(line[to - 1])) {
            to--;
        }
        for (int i = from; i < to; i++) {
            if (!Tokens.isValue(line[i])) {
                throw Rejected.malformed("field value: octet " + (line[i] & 0xFF) + ": expected no control octets");
            }
        }
        String value = new String(line, from, to - from, StandardCharsets.ISO_8859_1);
        fields.lower(Tokens.text(line, 0, colon), value);
    }

    /** Lowers the name in place and gives the index of its colon. */
    private static int name(byte[] line, int length) {
        for (int i = 0; i < length; i++) {
            byte octet = line[i];
            if (octet == ':' && i > 0) {
                return i;
            }
            byte lower = Tokens.lower(octet);
            if (lower == 0) {
                throw Rejected.malformed(
                        "field name: octet " + (octet & 0xFF) + " at " + i + ": expected a token and a colon");
            }
            line[i] = lower;
        }
        throw Rejected.malformed("field line: no colon");
    }

    private static boolean isSpace(byte octet) {
        return octet == ' ' || octet == '\t';
    }
}
