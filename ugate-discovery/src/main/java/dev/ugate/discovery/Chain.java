package dev.ugate.discovery;

import dev.ugate.discovery.dns.Wait;
import dev.ugate.model.Discovery;
import dev.ugate.model.HostPort;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Resolution;
import dev.ugate.model.http.ProxyError;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** The discovery of the gate: sources in order, the whole resolution under one deadline, each failure in one line that names the target. */
public final class Chain implements Discovery {
    private final InOrder sources;
    private final Duration timeout;
    private final ScheduledExecutorService timer;

    Chain(InOrder sources, Duration timeout, ScheduledExecutorService timer) {
        this.sources = sources;
        this.timeout = timeout;
        this.timer = timer;
    }

    /**
     * Never empty: completes with the first answer, inline when that was at hand, or fails with {@link Refused} UNRESOLVED within
     * the deadline.
     */
    @Override
    public CompletionStage<Optional<Resolution>> resolve(HostPort target) {
        CompletionStage<Optional<Resolution>> first = sources.resolve(target);
        if (InOrder.isAtHand(first)) {
            return first;
        }
        CompletableFuture<Optional<Resolution>> answer = first.exceptionally(cause -> {
                    throw InOrder.inside(noun(target), cause);
                })
                .toCompletableFuture();
        return answer.isDone() ? answer : bounded(target, answer);
    }

    private CompletionStage<Optional<Resolution>> bounded(
            HostPort target, CompletableFuture<Optional<Resolution>> answer) {
        String text = "limit resolve: no answer within " + new Wait(timeout) + " (asked " + sources.names() + ")";
        Refused late =
                Refused.because(Refusal.UNRESOLVED, text).in(noun(target)).as(ProxyError.DNS_TIMEOUT);
        ScheduledFuture<?> deadline =
                timer.schedule(() -> answer.completeExceptionally(late), timeout.toNanos(), TimeUnit.NANOSECONDS);
        answer.whenComplete((found, cause) -> deadline.cancel(false));
        return answer;
    }

    private static String noun(HostPort target) {
        return "resolve " + target.host();
    }
}
