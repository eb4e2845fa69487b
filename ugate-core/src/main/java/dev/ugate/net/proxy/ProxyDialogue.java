package dev.ugate.net.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;

/** What is said to one upstream proxy until it carries the connection. Lives on the channel's loop. */
interface ProxyDialogue {
    /** The first words, given away. */
    ByteBuf hello(Channel proxy);

    /**
     * Consumes the answers that are complete in {@code in} (borrowed) and may write more words; whether the proxy carries the
     * connection from here on. Throws {@link dev.ugate.model.Refused} when the proxy says no, or something else.
     */
    boolean read(Channel proxy, ByteBuf in);
}
