package dev.ugate.spi;

import dev.ugate.model.Identity;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Checks a name and a password (RFC 1929, RFC 7617). */
@FunctionalInterface
public interface Credentials {
    Credentials NONE = (name, password) -> CompletableFuture.completedFuture(Optional.empty());

    /**
     * The identity {@code user:NAME} when the password is right; takes the same time when the name is unknown. Never blocks: done at
     * once where there is nothing to compute, else completed on another thread. Fails with {@code Refused}.
     */
    CompletableFuture<Optional<Identity>> check(String name, String password);
}
