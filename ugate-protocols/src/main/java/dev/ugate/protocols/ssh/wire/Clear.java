package dev.ugate.protocols.ssh.wire;

/** No protection, as before the first NEWKEYS. */
public final class Clear implements PacketCipher {
    /** Bodies and lengths together are multiples of eight (RFC 4253 §6), so that alone this is not the block of a body. */
    static final int BLOCK = 8;

    @Override
    public int block() {
        return BLOCK;
    }

    @Override
    public int tag() {
        return 0;
    }

    @Override
    public int length(int sequence, byte[] packet, int at) {
        return Bytes.u32(packet, at);
    }

    @Override
    public void open(int sequence, byte[] packet, int at, int length, byte[] out, int to) {
        System.arraycopy(packet, at + 4, out, to, length);
    }

    @Override
    public void seal(int sequence, byte[] packet, int at, int length) {}
}
