package dev.ugate.protocols.ssh.wire;

/** What protects the packets of one direction: a packet is a length of four bytes, a body of that length, and a tag. */
public interface PacketCipher {
    /** Bodies are multiples of so many bytes; the length is not counted. */
    int block();

    /** Bytes behind the body. */
    int tag();

    /** The length that the four bytes at {@code at} stand for, whatever it is. */
    int length(int sequence, byte[] packet, int at);

    /**
     * Decrypts the body of the packet at {@code at}, {@code length} bytes of it, to {@code to}.
     *
     * @throws Violation unless the tag is right; nobody may look at what was written then
     */
    void open(int sequence, byte[] packet, int at, int length, byte[] out, int to);

    /** Encrypts the packet at {@code at}, length and body, where it stands, and puts the tag behind it. */
    void seal(int sequence, byte[] packet, int at, int length);
}
