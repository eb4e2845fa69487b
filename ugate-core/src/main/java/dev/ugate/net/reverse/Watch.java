package dev.ugate.net.reverse;

import dev.ugate.model.HostPort;
import dev.ugate.model.Refused;

/** Hears whether this node can be reached through a gateway; called on the loop of the connection to it. */
public interface Watch {
    /** Reachable there from now on. */
    void up(HostPort gateway);

    /** Not reachable there, until it is up again. */
    void down(HostPort gateway, Refused why);
}
