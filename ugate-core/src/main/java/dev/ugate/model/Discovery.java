package dev.ugate.model;

import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Turns a target into endpoints; asynchronous and composable. A stage may complete on any thread, and completes inline when the
 * answer is cached.
 */
public interface Discovery {
    /**
     * Empty when this source does not know the target (the next source is asked); fails with {@link Refused} UNRESOLVED when it
     * should know but could not answer.
     */
    CompletionStage<Optional<Resolution>> resolve(HostPort target);
}
