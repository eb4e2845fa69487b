package dev.ugate.discovery;

import dev.ugate.model.HostPort;
import dev.ugate.model.Resolution;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Answers that cannot change: whoever asks again gets the same object, so that he can keep what he made of it. Shared by all loops. */
final class Kept {
    private static final int MOST = 1024;

    private final Map<HostPort, CompletionStage<Optional<Resolution>>> answers = new ConcurrentHashMap<>();

    @Nullable
    CompletionStage<Optional<Resolution>> find(HostPort target) {
        return answers.get(target);
    }

    /** Keeps the answer, and gives it. */
    CompletionStage<Optional<Resolution>> keep(HostPort target, CompletionStage<Optional<Resolution>> answer) {
        if (answers.size() >= MOST) {
            answers.clear();
        }
        answers.put(target, answer);
        return answer;
    }
}
