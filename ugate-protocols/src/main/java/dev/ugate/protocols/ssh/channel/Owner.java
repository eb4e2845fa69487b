package dev.ugate.protocols.ssh.channel;

import dev.ugate.model.Refused;
import io.netty.buffer.ByteBuf;

/** What one side makes of one channel. */
public interface Owner {
    /** The peer opened the channel that this side asked for. */
    default void opened() {}

    /** The peer did not. */
    default void refused(Refused why) {}

    /** A request of the peer on the channel (RFC 4254 §5.4), {@code rest} borrowed; whether it is granted. */
    default boolean requested(String type, ByteBuf rest) {
        return false;
    }

    /** The peer closed the channel; what it said before is still there to be read. */
    default void closed() {}

    /** The channel broke, or the connection did; its channel closes next. */
    default void broken(Refused why) {}
}
