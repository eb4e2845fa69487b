package dev.ugate.discovery;

import dev.ugate.model.Discovery;
import dev.ugate.model.HostPort;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Resolution;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;

/**
 * Sources asked one after the other until one knows the target; a literal that none of them claims stands for itself. A source
 * that fails ends the search: the next one could send the stream somewhere the failed one forbids.
 */
final class InOrder implements Discovery {
    /** A source and its word. */
    record Named(String name, Discovery source) {}

    private final List<Named> sources;
    private final Discovery literal = new Literal();

    InOrder(List<Named> sources) {
        this.sources = List.copyOf(sources);
    }

    /** The words of the sources, as error texts show them. */
    String names() {
        return sources.stream().map(Named::name).collect(Collectors.joining(", "));
    }

    /** Never empty: fails with {@link Refused} UNRESOLVED when no source knows the target. */
    @Override
    public CompletionStage<Optional<Resolution>> resolve(HostPort target) {
        return ask(target, 0);
    }

    private CompletionStage<Optional<Resolution>> ask(HostPort target, int index) {
        if (index == sources.size()) {
            CompletionStage<Optional<Resolution>> itself = literal.resolve(target);
            return itself.toCompletableFuture().getNow(Optional.empty()).isPresent()
                    ? itself
                    : CompletableFuture.failedFuture(unknown());
        }
        Named next = sources.get(index);
        CompletionStage<Optional<Resolution>> answer = next.source().resolve(target);
        if (isAtHand(answer)) {
            Optional<Resolution> found = answer.toCompletableFuture().getNow(Optional.empty());
            return found.isPresent() ? answer : ask(target, index + 1);
        }
        return answer.exceptionally(cause -> {
                    throw inside(next.name(), cause);
                })
                .thenCompose(
                        found -> found.isPresent() ? CompletableFuture.completedStage(found) : ask(target, index + 1));
    }

    /** Most answers are: they need no stages made for them, of which each stream would pay half a dozen. */
    static boolean isAtHand(CompletionStage<?> answer) {
        CompletableFuture<?> future = answer.toCompletableFuture();
        return future.isDone() && !future.isCompletedExceptionally();
    }

    private Refused unknown() {
        return Refused.because(Refusal.UNRESOLVED, "no source knows it (asked " + names() + ")");
    }

    /** The cause with one noun in front when it is a {@link Refused}; a bug stays as it is. */
    static CompletionException inside(String noun, Throwable cause) {
        Throwable origin = cause instanceof CompletionException && cause.getCause() != null ? cause.getCause() : cause;
        return new CompletionException(origin instanceof Refused refused ? refused.in(noun) : origin);
    }
}
