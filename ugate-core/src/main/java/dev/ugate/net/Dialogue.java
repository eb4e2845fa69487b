package dev.ugate.net;

import dev.ugate.model.Intent;
import dev.ugate.model.Refused;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.concurrent.CompletionStage;

/** One client's handshake in one protocol: what to read, and how to say yes and no. Lives on the client's loop. */
public interface Dialogue {
    /**
     * Consumes what it understands of {@code in} (borrowed) and may write answers to the client; a protocol that only peeks
     * consumes nothing. Called again with more bytes after {@link Outcome#MORE} and after {@link Wait}; never after another outcome. Throws
     * {@link Refused} when the bytes are wrong.
     */
    Outcome read(Channel client, ByteBuf in);

    /** The bytes that say yes, given away; {@code Unpooled.EMPTY_BUFFER} where the protocol says nothing. */
    ByteBuf yes(Channel client, Channel upstream);

    /** The bytes that say no, given away; also asked for a Refused thrown by {@link #read} and for a missed deadline. */
    ByteBuf no(Channel client, Refused why);

    /** What a handshake came to. */
    sealed interface Outcome {
        /** More bytes are needed. */
        Outcome MORE = new More();
    }

    /** Nothing is read until {@code until} completes; then {@link #read} is called again, with or without more bytes. */
    record Wait(CompletionStage<?> until) implements Outcome {}

    /** See {@link Outcome#MORE}. */
    record More() implements Outcome {}

    /** The intent is known: open the stream. Unconsumed bytes are the beginning of its payload. */
    record Open(Intent intent) implements Outcome {}

    /**
     * The connection goes on with other handlers, which {@code next} adds to the end of the pipeline (or it enters the gate again);
     * unconsumed bytes are replayed to them.
     */
    record Continue(Runnable next) implements Outcome {}
}
