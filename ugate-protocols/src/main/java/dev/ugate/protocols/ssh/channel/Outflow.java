package dev.ugate.protocols.ssh.channel;

/** What goes out on a channel: how much the peer takes, in packets of what size, and whether there is more to come. */
final class Outflow {
    /** No larger packet is sent, whatever the peer takes: that much fits into the peer's window twice and encrypts at once. */
    private static final int PACKET = 32 * 1024;

    /** What may still be said to a peer that wants nothing more, before whoever says it is told. */
    private static final int UNHEARD = 1024 * 1024;

    private static final long MOST = 0xFFFF_FFFFL;

    private long window;
    private int packet;
    private int unheard;
    private boolean unwanted;
    private boolean ended;
    private boolean queued;

    /** The peer said what it takes. */
    void open(long first, long most) {
        window = first;
        packet = (int) Math.min(most, PACKET);
    }

    /** The peer takes more; false when that is more than there may be (RFC 4254 §5.2). */
    boolean widen(long octets) {
        window += octets;
        return window <= MOST;
    }

    /** Octets of the next packet of {@code wanted}. */
    int part(int wanted) {
        return (int) Math.min(window, Math.min(wanted, packet));
    }

    void sent(int octets) {
        window -= octets;
    }

    boolean blocked() {
        return window <= 0;
    }

    /** The peer hears nothing more. */
    void unwanted() {
        unwanted = true;
    }

    boolean isUnwanted() {
        return unwanted;
    }

    /** Drops what nobody hears; false when that is too much. */
    boolean drop(int octets) {
        unheard = Math.min(UNHEARD, unheard + octets);
        return unheard < UNHEARD;
    }

    /** This side says no more; false when it said so before. */
    boolean end() {
        boolean first = !ended;
        ended = true;
        return first;
    }

    boolean ended() {
        return ended;
    }

    boolean queued() {
        return queued;
    }

    void queued(boolean now) {
        queued = now;
    }
}
