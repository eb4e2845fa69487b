package dev.ugate.protocols.ssh.wire;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/** What a layer above the packets may do with its connection; on the connection's loop. */
public interface Packets {
    /**
     * A buffer that begins with the message number, to be filled and given to {@link #send} before another one is asked for: it is
     * where the packet will be encrypted. {@code expected}: the most bytes that follow the number.
     */
    ByteBuf payload(int message, int expected);

    /** Takes what {@link #payload} gave; waits behind a key exchange under way; leaves at the end of the read, or by {@link #flush}. */
    void send(ByteBuf payload);

    /** Sends what was written; nothing while a read is under way, whose end does it. */
    void flush();

    /** Whether the socket takes more, and no key exchange makes packets wait. */
    boolean isWritable();

    /** Whether to read from the socket at all: back-pressure on the whole connection. */
    void reading(boolean wanted);

    /** Runs a step of a task or a timer, above which nobody stands: what it throws ends the connection. Nothing once that has ended. */
    void run(Runnable step);

    /** The layer's work is done, {@code next} takes its place and is opened; from the first one to the second the peer counts as authenticated. */
    void handOver(Layer next);

    /** The exchange hash of the first key exchange. */
    byte[] sessionId();

    /** The server's host key, as the first key exchange showed it. */
    byte[] hostKey();

    /** Whether this is the server's end. */
    boolean server();

    /** The peer's identification line, without its end. */
    String peerVersion();

    /** An extension that the peer told of, null unless it did (RFC 8308). */
    @Nullable
    String extension(String name);

    Channel connection();

    /** Says why, and closes; {@link Layer#closed} follows. */
    void disconnect(Violation why);
}
