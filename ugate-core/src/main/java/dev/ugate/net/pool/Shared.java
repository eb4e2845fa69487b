package dev.ugate.net.pool;

/**
 * A connection that serves many, one after the other or at once; lives on one loop.
 *
 * @param <P> what one of them gets of it
 */
public interface Shared<P> {
    /** Begins to read and to speak; called once, before anything else. */
    void begin();

    /** How many it could take now. */
    int places();

    /** Takes one place. Only while there are {@link #places}. */
    P lease();

    /** The loop's time since which nobody has a place, {@code Long.MAX_VALUE} while somebody does. */
    long idleSince();

    /** Takes nobody more and closes when the last one is gone. */
    void retire();

    /**
     * Whoever hands out the places.
     *
     * @param <C> the connection
     */
    interface Keeper<C> {
        /** There are places again where there were none. */
        void freed(C connection);

        /** The far end said what it takes; told once, by protocols that have such a word. */
        default void known(C connection) {}

        /** It takes nobody more; told once, also when nobody asked it to retire. */
        void gone(C connection);
    }
}
