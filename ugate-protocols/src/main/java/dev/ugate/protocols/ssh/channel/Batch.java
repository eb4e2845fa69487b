package dev.ugate.protocols.ssh.channel;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;

/** What is passed on together, as it was read together. */
final class Batch {
    private final EventLoop loop;
    private final List<SshChannel> touched = new ArrayList<>();
    private boolean reading;
    private boolean passes;

    Batch(EventLoop loop) {
        this.loop = loop;
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
            loop.execute(() -> {
                passes = false;
                ready();
            });
        }
    }
}
