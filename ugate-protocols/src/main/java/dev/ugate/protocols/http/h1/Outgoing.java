package dev.ugate.protocols.http.h1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;

/**
 * What goes out on one connection: a head and the small parts behind it are joined, and everything is sent at the end of the loop's
 * turn, because each sending may wake a peer up, and one that is awake finds more.
 */
final class Outgoing {
    /** More than this is not kept back: by the end of the turn it would have left the caches. */
    private static final long MOST = 32 * 1024;

    private final Channel channel;
    private final Runnable turn = this::endOfTurn;
    private ByteBuf joined = Unpooled.EMPTY_BUFFER;
    private long kept;
    private boolean due;

    Outgoing(Channel channel) {
        this.channel = channel;
    }

    Channel channel() {
        return channel;
    }

    /** Takes a head, whose spare room is for what follows. */
    void begin(ByteBuf head) {
        handOver();
        joined = head;
    }

    /** Takes any other part. */
    void write(ByteBuf part) {
        int length = part.readableBytes();
        if (joined.isReadable() && length <= joined.writableBytes()) {
            joined.writeBytes(part);
            part.release();
        } else {
            handOver();
            kept += length;
            channel.write(part, channel.voidPromise());
        }
    }

    /** Gives the channel all that is here, so that others may write to it. */
    void handOver() {
        if (joined.isReadable()) {
            ByteBuf head = joined;
            joined = Unpooled.EMPTY_BUFFER;
            kept += head.readableBytes();
            channel.write(head, channel.voidPromise());
        }
    }

    /** Sends it in this turn. */
    void flush() {
        if (kept > MOST) {
            flushNow();
        } else if (!due) {
            due = true;
            channel.eventLoop().execute(turn);
        }
    }

    /** Sends it at once. */
    void flushNow() {
        handOver();
        kept = 0;
        channel.flush();
    }

    private void endOfTurn() {
        due = false;
        flushNow();
    }

    /** Lets go of what was not handed over. */
    void release() {
        joined.release();
        joined = Unpooled.EMPTY_BUFFER;
    }
}
