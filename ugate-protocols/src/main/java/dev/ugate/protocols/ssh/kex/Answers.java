package dev.ugate.protocols.ssh.kex;

import dev.ugate.protocols.ssh.wire.Message;
import dev.ugate.protocols.ssh.wire.Violation;
import dev.ugate.protocols.ssh.wire.Wire;
import io.netty.buffer.ByteBuf;

/**
 * What the transport answers by itself. A peer that asks and takes no answers is not read from; one that asks too much while a key
 * exchange makes answers wait is left (CVE-2025-26466).
 */
final class Answers {
    private static final int WAITING = 64;

    private final Link link;
    private int waiting;

    Answers(Link link) {
        this.link = link;
    }

    /** To a PING, positioned behind its number. */
    void pong(ByteBuf ping) {
        byte[] data = Wire.bytes(ping, ping.readableBytes());
        Wire.end(ping);
        count();
        ByteBuf payload = link.payload(Message.PONG, 4 + data.length);
        Wire.string(payload, data);
        link.send(payload);
    }

    void unimplemented(int sequence) {
        count();
        link.out().begin(Message.UNIMPLEMENTED, 4).writeInt(sequence);
        link.out().seal();
    }

    private void count() {
        if (!link.out().holds()) {
            waiting = 0;
            link.flow().answered();
        } else if (++waiting > WAITING) {
            throw Violation.limit("sshAnswers", "too many within a key exchange");
        }
    }
}
