package dev.ugate.protocols.http.wire;

import dev.ugate.model.http.Fields;
import io.netty.buffer.ByteBuf;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Decodes the chunked coding (RFC 9112 §7.1): CRLF only, no space, extensions dropped and bounded (T35). */
final class ChunkParser {
    /** Hexadecimal digits that fit a positive long. */
    private static final int MAX_DIGITS = 15;

    /** Extension octets of a whole message (T35). */
    private static final int MAX_EXTENSIONS = 1024;

    // Trailers, L33.
    private static final int MAX_TRAILER_BYTES = 8 * 1024;
    private static final int MAX_TRAILERS = 32;

    private enum State {
        SIZE,
        EXTENSION,
        SIZE_LF,
        DATA,
        DATA_CR,
        DATA_LF,
        TRAILERS,
        DONE
    }

    private State state = State.SIZE;
    private long left;
    private int digits;
    private int extensions;
    private @Nullable FieldLines lines;
    private Fields trailers = Fields.NONE;

    boolean done() {
        return state == State.DONE;
    }

    Fields trailers() {
        return trailers;
    }

    void read(ByteBuf in, Consumer<ByteBuf> sink) {
        while (in.isReadable() && state != State.DONE) {
            switch (state) {
                case SIZE -> size(in.readByte());
                case EXTENSION -> extension(in.readByte());
                case SIZE_LF -> {
                    expect(in.readByte(), '\n');
                    state = left == 0 ? State.TRAILERS : State.DATA;
                }
                case DATA -> data(in, sink);
                case DATA_CR -> {
                    expect(in.readByte(), '\r');
                    state = State.DATA_LF;
                }
                case DATA_LF -> {
                    expect(in.readByte(), '\n');
                    state = State.SIZE;
                    digits = 0;
                    left = 0;
                }
                case TRAILERS -> {
                    if (!trailersComplete(in)) {
                        return;
                    }
                    state = State.DONE;
                }
                case DONE -> throw new IllegalStateException("chunks: done");
            }
        }
    }

    private void size(byte octet) {
        int digit = Character.digit(octet, 16);
        if (digit >= 0) {
            if (++digits > MAX_DIGITS) {
                throw Rejected.malformed("chunk size: expected at most " + MAX_DIGITS + " digits");
            }
            left = left << 4 | digit;
        } else if (digits > 0 && octet == '\r') {
            state = State.SIZE_LF;
        } else if (digits > 0 && octet == ';') {
            state = State.EXTENSION;
        } else {
            throw Rejected.malformed("chunk size: octet " + (octet & 0xFF) + ": expected hexadecimal digits and CRLF");
        }
    }

    private void extension(byte octet) {
        if (octet == '\r') {
            state = State.SIZE_LF;
        } else if (!Tokens.isValue(octet)) {
            throw Rejected.malformed("chunk extension: octet " + (octet & 0xFF) + ": expected no control octets");
        } else if (++extensions > MAX_EXTENSIONS) {
            throw Rejected.malformed("chunk extensions: expected at most " + MAX_EXTENSIONS + " octets a message");
        }
    }

    private void data(ByteBuf in, Consumer<ByteBuf> sink) {
        int n = (int) Math.min(left, in.readableBytes());
        left -= n;
        if (left == 0) {
            state = State.DATA_CR;
        }
        sink.accept(in.readRetainedSlice(n));
    }

    private boolean trailersComplete(ByteBuf in) {
        if (lines == null) {
            lines = new FieldLines(new LineReader(), MAX_TRAILER_BYTES, MAX_TRAILERS);
        }
        Fields complete = lines.read(in);
        if (complete != null) {
            trailers = complete;
        }
        return complete != null;
    }

    private static void expect(byte octet, char wanted) {
        if (octet != wanted) {
            throw Rejected.malformed("chunk: octet " + (octet & 0xFF) + ": expected CRLF");
        }
    }
}
