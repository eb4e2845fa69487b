package dev.ugate.protocols.ssh.channel;

/** What the channels of a connection may let the peer send ahead, all together: SSH has no window for the connection itself (T66). */
final class Budget {
    private int left;

    Budget(int size) {
        this.left = size;
    }

    /** At most {@code wanted}; what is taken comes back by {@link #give}. */
    int take(int wanted) {
        int part = Math.max(0, Math.min(wanted, left));
        left -= part;
        return part;
    }

    void give(int part) {
        left += part;
    }

    int left() {
        return left;
    }
}
