package dev.ugate.protocols.ssh.channel;

import dev.ugate.protocols.ssh.wire.Message;
import org.jspecify.annotations.Nullable;

/** The answer that a global request of the peer waits for; it goes out behind the answers to those before (RFC 4254 §4). */
public final class Answer {
    private static final long NONE = -1;

    private final @Nullable Requests requests;
    private boolean done;
    private boolean granted;
    private long number = NONE;

    /** {@code requests} is null where the peer wants no answer. */
    Answer(@Nullable Requests requests) {
        this.requests = requests;
    }

    /** Whether the peer waits for it. */
    public boolean isWanted() {
        return requests != null;
    }

    public void yes() {
        give(true, NONE);
    }

    /** Yes, and the port that was chosen. */
    public void yes(int port) {
        give(true, port);
    }

    public void no() {
        give(false, NONE);
    }

    private void give(boolean yes, long more) {
        if (done) {
            return;
        }
        done = true;
        granted = yes;
        number = more;
        if (requests != null) {
            requests.given();
        }
    }

    boolean isDone() {
        return done;
    }

    void send(Engine engine) {
        int message = granted ? Message.REQUEST_SUCCESS : Message.REQUEST_FAILURE;
        engine.say(message, 4, out -> {
            if (granted && number != NONE) {
                out.writeInt((int) number);
            }
        });
    }
}
