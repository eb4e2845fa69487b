package dev.ugate.protocols.ssh.kex;

import dev.ugate.protocols.ssh.wire.Disconnect;
import dev.ugate.protocols.ssh.wire.Violation;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Where the long steps of a key exchange are computed, since sntrup761 takes ten milliseconds and a loop has other connections (T16). */
final class Arithmetic {
    private final Link link;
    private final Executor pool;

    Arithmetic(Link link, Executor pool) {
        this.link = link;
        this.pool = pool;
    }

    /** Computes, and goes on with the result on the link's loop, unless the link has ended by then. */
    <T> void compute(Supplier<T> step, Consumer<T> next) {
        if (pool == Terms.ON_THE_LOOP) {
            next.accept(step.get());
        } else {
            link.inbound().pause();
            submit(() -> {
                try {
                    T result = step.get();
                    onLoop(() -> {
                        next.accept(result);
                        link.inbound().resume();
                    });
                } catch (Violation wrong) {
                    onLoop(() -> link.disconnect(wrong));
                } catch (Throwable bug) {
                    onLoop(() -> link.connection().pipeline().fireExceptionCaught(bug));
                }
            });
        }
    }

    private void submit(Runnable task) {
        try {
            pool.execute(task);
        } catch (RejectedExecutionException full) {
            throw Violation.of(Disconnect.TOO_MANY_CONNECTIONS, "key exchange: too many at once");
        }
    }

    /** Our new keys are in force: layers may go on. */
    void released() {
        link.flow().writable();
    }

    private void onLoop(Runnable next) {
        link.connection()
                .eventLoop()
                .execute(() -> link.run(() -> {
                    next.run();
                    link.flush();
                }));
    }
}
