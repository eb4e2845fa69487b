package dev.ugate.protocols.ssh.wire;

/** How much went one way under the keys in force. */
public final class Load {
    private long packets;
    private long bytes;

    void add(int size) {
        packets++;
        bytes += size;
    }

    void clear() {
        packets = 0;
        bytes = 0;
    }

    public long packets() {
        return packets;
    }

    public long bytes() {
        return bytes;
    }
}
