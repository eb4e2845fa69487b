package dev.ugate.spi;

import dev.ugate.model.Identity;
import java.util.Optional;

/** Checks a name and a password (RFC 1929, RFC 7617). */
@FunctionalInterface
public interface Credentials {
    Credentials NONE = (name, password) -> Optional.empty();

    /** The identity {@code user:NAME} when the password is right; takes the same time when the name is unknown. */
    Optional<Identity> check(String name, String password);
}
