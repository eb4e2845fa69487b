package dev.ugate.protocols.ssh.kex;

import dev.ugate.protocols.ssh.wire.Violation;

/** What a peer may send before it is authenticated (T72): enough for every way to do so, too little to keep anybody busy. */
final class Opening {
    private static final int MESSAGES = 64;
    private static final int BYTES = 128 * 1024;

    private int messages;
    private int bytes;

    void count(int size) {
        messages++;
        bytes += size;
        if (messages > MESSAGES || bytes > BYTES) {
            throw Violation.limit("sshOpening", "too much before authentication");
        }
    }
}
