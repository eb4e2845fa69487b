package dev.ugate.spi;

import dev.ugate.model.HostPort;
import dev.ugate.model.Identity;

/** Names that are reached through a connection which their owner keeps open to us: reverse tunnels of every carrier. */
public interface Registry {
    /**
     * Makes streams to {@code name}, a host in lower case, go through {@code transport} until the registration is closed. The same owner
     * may register again and replaces what was there; throws {@link dev.ugate.model.Refused} DENIED when another identity owns the name
     * (T115). Callable from any thread; {@code transport} is dialled on the loop of each stream.
     */
    Registration register(String name, Identity owner, Transport transport);

    /**
     * The same for one place alone, a host and a port where this node listens for the owner, whoever may own the host: streams to it go
     * through {@code transport}. Throws {@link dev.ugate.model.Refused} DENIED when the place is taken, OVERLOADED when the owner has too many.
     */
    Registration bind(HostPort place, Identity owner, Transport transport);

    /**
     * Takes a place for a connection of this identity that is kept for its names; throws {@link dev.ugate.model.Refused} OVERLOADED when it has
     * too many. {@code leave} is run, on any thread, when nobody is to be reached here any more.
     */
    Registration moor(Identity owner, Runnable leave);

    /** One registered name, or place. */
    interface Registration {
        /** Takes the name back; what was replaced meanwhile stays with who replaced it. */
        void close();
    }
}
