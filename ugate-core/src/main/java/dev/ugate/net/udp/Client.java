package dev.ugate.net.udp;

import dev.ugate.model.Intent;
import dev.ugate.spi.Connection;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;

/** What an owner of flows knows about each of them, by the key it chose; called on the flows' loop. */
public interface Client<K> {
    /** Whom a flow is counted for: what {@code limits.udpFlows} bounds. */
    Object source(K key);

    /** Where a new flow comes from. */
    Connection connection(K key);

    /** What a new flow wants; its shape is DATAGRAMS. */
    Intent intent(K key);

    /** Sends one datagram (borrowed) back; false when it had to be dropped. */
    boolean send(K key, Channel upstream, ByteBuf payload);
}
