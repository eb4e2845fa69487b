package dev.ugate.identity;

import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where a private key is kept from one start to the next. */
public interface KeyStore {
    /** The key; made and kept when there is none. Throws {@link IOException} that says what is wrong with what is there. Blocks. */
    NodeKey key() throws IOException;

    /** What an operator should know about how the key is kept; empty when all is well. */
    Optional<String> warning();

    /** Keeps nothing: another key at each start. */
    static KeyStore memory() {
        return new KeyStore() {
            private @Nullable NodeKey key;

            @Override
            public synchronized NodeKey key() {
                if (key == null) {
                    key = NodeKey.generate();
                }
                return key;
            }

            @Override
            public Optional<String> warning() {
                return Optional.empty();
            }
        };
    }
}
