package dev.ugate.protocols.http.semantics;

import io.netty.channel.Channel;

/** A connection to an upstream that takes requests, whatever its version of HTTP; lives on one loop. */
public interface Upstream {
    /** Begins to read and to speak; called once, before anything else. */
    void begin();

    /** Requests that it could take now. */
    int places();

    /** Takes one place: a channel with a {@link Lease}. Only while there are {@link #places}. */
    Channel lease();

    /** The loop's time since which no request is under way, {@code Long.MAX_VALUE} while one is. */
    long idleSince();

    /** Takes no more requests and closes when those under way are over. */
    void retire();

    /** Whoever hands out the places. */
    interface Keeper {
        /** There are places again where there were none. */
        void freed(Upstream upstream);

        /** The far end said what it takes; told once, by versions of HTTP that have such a word. */
        default void known(Upstream upstream) {}

        /** It takes no more requests; told once, also when nobody asked it to retire. */
        void gone(Upstream upstream);
    }
}
