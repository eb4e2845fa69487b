package dev.ugate.protocols.ssh.kex;

import dev.ugate.protocols.ssh.wire.Layer;
import dev.ugate.protocols.ssh.wire.Violation;
import io.netty.buffer.ByteBuf;

/** The layer that stands on a link at the moment, from the first keys to the end. */
final class Layers {
    private final Link link;
    private Layer current;
    private boolean opened;
    private boolean authenticated;
    private boolean over;

    Layers(Link link, Layer first) {
        this.link = link;
        this.current = first;
    }

    /** Keys are in force. */
    void open() {
        opened = true;
        current.opened(link);
    }

    boolean authenticated() {
        return authenticated;
    }

    void handOver(Layer next) {
        authenticated = true;
        current = next;
        next.opened(link);
    }

    boolean received(int message, ByteBuf payload) {
        return current.received(message, payload);
    }

    void writable() {
        if (opened && !over) {
            current.writable();
        }
    }

    void readComplete() {
        if (opened && !over) {
            current.readComplete();
        }
    }

    void drain() {
        if (opened && !over) {
            current.drain();
        } else {
            link.disconnect(Link.draining());
        }
    }

    /** Whether the link has ended. */
    boolean over() {
        return over;
    }

    /** Nothing more reaches the layer but {@link #close}. */
    void end() {
        over = true;
    }

    void close(Violation why) {
        current.closed(why);
    }
}
