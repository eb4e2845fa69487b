package dev.ugate.protocols.http.wire;

import dev.ugate.model.http.Fields;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.function.Consumer;

/** Frames one message's body (RFC 9112 §6, §7.1). */
public sealed interface BodyWriter {
    /** Takes content, given away, and gives the framed bytes to the sink; throws {@link IllegalStateException} for more than was announced. */
    void write(ByteBuf content, Consumer<ByteBuf> sink);

    /** The end of the content; throws {@link IllegalStateException} for less than was announced. */
    void finish(ByteBufAllocator alloc, Fields trailers, Consumer<ByteBuf> sink);

    /** Whether whoever reads it needs no end to know that it is whole. */
    default boolean whole() {
        return false;
    }

    static BodyWriter of(BodyFraming framing) {
        return switch (framing.kind()) {
            case LENGTH -> new Counted(framing.length());
            case CHUNKED -> new Chunked();
            case UNTIL_CLOSE -> new Raw();
        };
    }

    /** For messages whose body is left out, such as answers to HEAD. */
    static BodyWriter none() {
        return new Silent();
    }

    /** As many octets as were announced. */
    final class Counted implements BodyWriter {
        private long left;

        private Counted(long length) {
            left = length;
        }

        @Override
        public void write(ByteBuf content, Consumer<ByteBuf> sink) {
            left -= content.readableBytes();
            if (left < 0) {
                content.release();
                throw new IllegalStateException("body: " + -left + " octets more than announced");
            }
            sink.accept(content);
        }

        @Override
        public boolean whole() {
            return left == 0;
        }

        @Override
        public void finish(ByteBufAllocator alloc, Fields trailers, Consumer<ByteBuf> sink) {
            if (left > 0) {
                throw new IllegalStateException("body: " + left + " octets less than announced");
            }
        }
    }

    /** One chunk for each buffer. */
    record Chunked() implements BodyWriter {
        private static final ByteBuf CRLF = Unpooled.unreleasableBuffer(
                        Unpooled.directBuffer(2).writeByte('\r').writeByte('\n'))
                .asReadOnly();
        private static final byte[] HEX = {
            '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'
        };

        @Override
        public void write(ByteBuf content, Consumer<ByteBuf> sink) {
            if (!content.isReadable()) {
                content.release();
                return;
            }
            sink.accept(size(content));
            sink.accept(content);
            sink.accept(CRLF.duplicate());
        }

        /** The line before the content, which is released where there is no memory for the line. */
        private static ByteBuf size(ByteBuf content) {
            int size = content.readableBytes();
            int digits = (35 - Integer.numberOfLeadingZeros(size)) / 4;
            ByteBuf line;
            try {
                line = content.alloc().directBuffer(digits + 2);
            } catch (OutOfMemoryError scarce) {
                content.release();
                throw scarce;
            }
            for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
                line.writeByte(HEX[size >>> shift & 0xF]);
            }
            return line.writeByte('\r').writeByte('\n');
        }

        @Override
        public void finish(ByteBufAllocator alloc, Fields trailers, Consumer<ByteBuf> sink) {
            sink.accept(HeadWriter.lastChunk(alloc).fields(trailers).end());
        }
    }

    /** Octets as they are; the end is the end of the connection. */
    record Raw() implements BodyWriter {
        @Override
        public void write(ByteBuf content, Consumer<ByteBuf> sink) {
            sink.accept(content);
        }

        @Override
        public void finish(ByteBufAllocator alloc, Fields trailers, Consumer<ByteBuf> sink) {
            // The connection's end says it.
        }
    }

    /** No body, whatever comes. */
    record Silent() implements BodyWriter {
        @Override
        public void write(ByteBuf content, Consumer<ByteBuf> sink) {
            content.release();
        }

        @Override
        public boolean whole() {
            return true;
        }

        @Override
        public void finish(ByteBufAllocator alloc, Fields trailers, Consumer<ByteBuf> sink) {
            // There is nothing to end.
        }
    }
}
