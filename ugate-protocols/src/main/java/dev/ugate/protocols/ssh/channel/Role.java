package dev.ugate.protocols.ssh.channel;

import dev.ugate.model.Refused;
import dev.ugate.protocols.ssh.wire.Violation;
import io.netty.buffer.ByteBuf;

/** What differs between the ends of a connection, and between what they are for. */
public interface Role {
    /** The connection begins. */
    void begun(Engine engine);

    /**
     * The peer asks for a channel of this type; {@code rest} (borrowed) is what its type says more. To be answered by
     * {@link SshChannel#confirm} or {@link SshChannel#refuse}; a thrown {@link Refused} refuses. False for a type that is not known.
     */
    boolean asked(String type, SshChannel channel, ByteBuf rest);

    /** The peer asks something of the connection; {@code rest} is borrowed. False for what is not known. */
    boolean asked(String name, ByteBuf rest, Answer answer);

    /** A channel ended: what can be begun has changed. */
    default void changed() {}

    /**
     * Somebody wants the connection to begin nothing more: whether it may do so now. False where another has to take its place first; the
     * role drains the engine again then.
     */
    default boolean leaves() {
        return true;
    }

    /** The connection shall begin nothing more, and ends with its last channel. */
    default void draining() {}

    /** The connection is over. */
    void closed(Violation why);
}
