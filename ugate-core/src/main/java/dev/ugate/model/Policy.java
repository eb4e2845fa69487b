package dev.ugate.model;

import java.net.SocketAddress;

/** Who may reach what. Pure: the same intent and address give the same answer, with the rule's name. */
public interface Policy {
    /**
     * The answer before anything was resolved: denies what no address could make legal, so that nothing is looked up or dialled for
     * a peer without rights.
     */
    Decision judge(Intent intent);

    /** The answer for the very address that would be dialled; {@code trusted} as in {@link Endpoint#trusted()}. */
    Decision judge(Intent intent, SocketAddress address, boolean trusted);
}
