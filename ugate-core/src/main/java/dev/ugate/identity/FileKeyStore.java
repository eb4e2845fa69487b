package dev.ugate.identity;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Keys in a directory, each as {@link KeptKey} keeps it: the one that the store is named for, and {@code ssh}. */
public final class FileKeyStore implements KeyStore {
    private static final KeptKey.Form<NodeKey> NODE =
            new KeptKey.Form<>(NodeKey::generate, NodeKey::of, NodeKey::pkcs8);
    private static final KeptKey.Form<SshNodeKey> SSH =
            new KeptKey.Form<>(SshNodeKey::generate, SshNodeKey::of, SshNodeKey::pkcs8);

    private final KeptKey<NodeKey> node;
    private final KeptKey<SshNodeKey> ssh;

    public FileKeyStore(Path directory, String name, Optional<Seal> seal) {
        this.node = new KeptKey<>(directory, name, seal, NODE);
        this.ssh = new KeptKey<>(directory, "ssh", seal, SSH);
    }

    @Override
    public NodeKey key() throws IOException {
        return node.key();
    }

    @Override
    public SshNodeKey ssh() throws IOException {
        return ssh.key();
    }

    /** Whether a key for SSH was made already. */
    boolean hasSsh() {
        return ssh.exists();
    }

    @Override
    public Optional<String> warning() {
        return node.warning();
    }
}
