package dev.ugate.protocols.ssh.channel;

import dev.ugate.protocols.ssh.wire.Packets;
import java.util.ArrayList;
import java.util.List;

/** What is passed on together, as it was read together, and the packets that go out together at the end of a turn of the loop. */
final class Batch {
    private final Packets packets;
    private final List<SshChannel> touched = new ArrayList<>();
    private boolean reading;
    private boolean flushes;
    private boolean passes;

    Batch(Packets packets) {
        this.packets = packets;
    }

    /** Something is read, and more may follow. */
    void begin() {
        reading = true;
    }

    /** All that was there is read. */
    void end() {
        reading = false;
        ready();
    }

    void touched(SshChannel channel) {
        touched.add(channel);
    }

    private void ready() {
        for (int i = 0; i < touched.size(); i++) {
            touched.get(i).ready();
        }
        touched.clear();
    }

    /** Passes on what was touched, in a turn of its own unless a read is under way. */
    void readySoon() {
        if (!reading && !passes) {
            passes = true;
            packets.connection().eventLoop().execute(() -> {
                passes = false;
                ready();
            });
        }
    }

    /** Sends what was written at the end of this turn; the end of a read does it by itself. */
    void flushSoon() {
        if (!reading && !flushes) {
            flushes = true;
            packets.connection().eventLoop().execute(() -> {
                flushes = false;
                packets.flush();
            });
        }
    }
}
