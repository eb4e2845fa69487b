package dev.ugate.identity;

import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where the private keys of a node are kept from one start to the next. */
public interface KeyStore {
    /** The key; made and kept when there is none. Throws {@link IOException} that says what is wrong with what is there. Blocks. */
    NodeKey key() throws IOException;

    /** The key for SSH, in the same way. */
    SshNodeKey ssh() throws IOException;

    /** What an operator should know about how the keys are kept; empty when all is well. */
    Optional<String> warning();

    /** Keeps nothing: other keys at each start. */
    static KeyStore memory() {
        return new KeyStore() {
            private final SshNodeKey ssh = SshNodeKey.generate();
            private @Nullable NodeKey key;

            @Override
            public synchronized NodeKey key() {
                if (key == null) {
                    key = NodeKey.generate();
                }
                return key;
            }

            @Override
            public SshNodeKey ssh() {
                return ssh;
            }

            @Override
            public Optional<String> warning() {
                return Optional.empty();
            }
        };
    }
}
