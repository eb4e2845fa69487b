package dev.ugate.spi;

import io.netty.channel.Channel;

/** The three doors a protocol may knock on; all a protocol knows of the rest. Called on the connection's loop. */
public interface Gate {
    /** Unknown bytes: recognise what they are, again after a layer was peeled off. */
    void enter(Channel connection);

    /** Known intent: authorise, route, dial, answer, relay. Answers the stream exactly once. */
    void open(Stream stream);

    /** One HTTP request: authorise, route, send, answer. Answers the exchange exactly once. */
    void ask(Exchange exchange);
}
