package dev.ugate.protocols.http.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The bytes of one direction of a connection that nobody consumed yet, and the parser of its heads. */
public final class Incoming<L> {
    private final HeadParser<L> heads;
    private ByteBuf held = Unpooled.EMPTY_BUFFER;
    private boolean ended;

    public Incoming(HeadParser<L> heads) {
        this.heads = heads;
    }

    /** Takes bytes that arrived. */
    public void add(ByteBufAllocator alloc, ByteBuf bytes) {
        held = ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(alloc, held, bytes);
    }

    /** Nothing more will arrive. */
    public void end() {
        ended = true;
    }

    public boolean ended() {
        return ended;
    }

    /** The next head, null while it is incomplete. Throws {@link Rejected}. */
    public @Nullable Head<L> head() {
        return held.isReadable() ? heads.next(held) : null;
    }

    /** Whether the head that is being read, or was refused, wants no content (RFC 9110 §9.3.2). */
    public boolean asksForHead() {
        return heads.asksForHead();
    }

    /** Whether a head has begun and is not complete. */
    public boolean begun() {
        return heads.begun() || held.isReadable();
    }

    /** Gives the bytes to a body, which consumes what belongs to it. */
    public void body(BodyReader reader, Consumer<ByteBuf> sink) {
        reader.read(held, sink);
    }

    /** Bytes that nobody consumed yet. */
    public int readable() {
        return held.readableBytes();
    }

    /** Gives away all that is left. */
    public ByteBuf take() {
        ByteBuf rest = held;
        held = Unpooled.EMPTY_BUFFER;
        return rest;
    }

    /** Lets go of memory when nothing is left to consume. */
    public void trim() {
        if (!held.isReadable()) {
            take().release();
        }
    }
}
