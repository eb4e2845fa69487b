package dev.ugate.protocols.http.wire;

import dev.ugate.model.http.Fields;
import io.netty.buffer.ByteBuf;
import java.util.function.Consumer;

/** Takes one message's body out of the bytes of a connection (RFC 9112 §6, §7). */
public sealed interface BodyReader {
    /** Consumes what belongs to the body and gives its content, as slices that the sink takes. Throws {@link Rejected}. */
    void read(ByteBuf in, Consumer<ByteBuf> sink);

    /** Whether the whole body was consumed; never for a body that ends with the connection. */
    boolean done();

    /** Whether the end of the connection is the end of the body. */
    default boolean endsByClose() {
        return false;
    }

    /** Octets to come until it is done; {@link Long#MAX_VALUE} where nobody knows. */
    default long left() {
        return Long.MAX_VALUE;
    }

    /** What is to come until it is done, in words. */
    String rest();

    /** The trailers of a body that is done. */
    default Fields trailers() {
        return Fields.NONE;
    }

    static BodyReader of(BodyFraming framing) {
        return switch (framing.kind()) {
            case LENGTH -> new Counted(framing.length());
            case CHUNKED -> new Chunked(new ChunkParser());
            case UNTIL_CLOSE -> new UntilClose();
        };
    }

    /** As many octets as were announced. */
    final class Counted implements BodyReader {
        private long left;

        private Counted(long length) {
            left = length;
        }

        @Override
        public void read(ByteBuf in, Consumer<ByteBuf> sink) {
            int n = (int) Math.min(left, in.readableBytes());
            if (n > 0) {
                left -= n;
                sink.accept(in.readRetainedSlice(n));
            }
        }

        @Override
        public boolean done() {
            return left == 0;
        }

        @Override
        public long left() {
            return left;
        }

        @Override
        public String rest() {
            return left + " octets more";
        }
    }

    /** Chunks until the last one and its trailers. */
    record Chunked(ChunkParser parser) implements BodyReader {
        @Override
        public void read(ByteBuf in, Consumer<ByteBuf> sink) {
            parser.read(in, sink);
        }

        @Override
        public boolean done() {
            return parser.done();
        }

        @Override
        public String rest() {
            return "its last chunk";
        }

        @Override
        public Fields trailers() {
            return Hop.trailers(parser.trailers());
        }
    }

    /** Everything that comes. */
    record UntilClose() implements BodyReader {
        @Override
        public void read(ByteBuf in, Consumer<ByteBuf> sink) {
            if (in.isReadable()) {
                sink.accept(in.readRetainedSlice(in.readableBytes()));
            }
        }

        @Override
        public boolean done() {
            return false;
        }

        @Override
        public String rest() {
            return "a clean end";
        }

        @Override
        public boolean endsByClose() {
            return true;
        }
    }
}
