package dev.ugate.protocols.ssh.wire;

import io.netty.buffer.ByteBuf;

/** What stands on the packets of a connection: user authentication, then the connection protocol. */
public interface Layer {
    /** Keys are in force, or the layer before has handed over. */
    void opened(Packets packets);

    /**
     * A message from 50 on, or one of 5 and 6 (a service), with {@code payload} borrowed and positioned behind its number. May throw
     * {@link Violation}, which ends the connection.
     *
     * @return whether the message is one of this layer's; the peer hears UNIMPLEMENTED else
     */
    boolean received(int message, ByteBuf payload);

    /** The connection takes packets again. */
    void writable();

    /** The end of one read from the socket. */
    default void readComplete() {}

    /** Nothing new is to begin, and the connection to end with what runs. */
    void drain();

    /** The connection has ended; called once, on the layer that stands then, opened or not. {@code why} says how, {@link Violation#lost} when nobody said anything. */
    void closed(Violation why);
}
