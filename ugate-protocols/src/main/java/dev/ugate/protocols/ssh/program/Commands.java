package dev.ugate.protocols.ssh.program;

import dev.ugate.model.Limits;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/** The programs that sessions run: how many there are, and the threads that wait for them. Shared by all loops. */
public final class Commands {
    private final Executor threads;
    private final AtomicInteger running = new AtomicInteger();

    /** {@code threads} may block for as long as a program is silent: three for each program. */
    public Commands(Executor threads) {
        this.threads = threads;
    }

    Executor threads() {
        return threads;
    }

    /** One more; throws {@link Refused} OVERLOADED where that is too many. */
    public void begin(Limits.Ssh limits) {
        if (running.incrementAndGet() > limits.sshCommands()) {
            running.decrementAndGet();
            throw Refused.because(
                    Refusal.OVERLOADED, "limit sshCommands: " + limits.sshCommands() + " are running already");
        }
    }

    void end() {
        running.decrementAndGet();
    }

    /** Programs that run now. */
    public int running() {
        return running.get();
    }
}
