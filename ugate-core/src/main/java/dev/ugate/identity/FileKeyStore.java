package dev.ugate.identity;

import dev.ugate.model.x509.PemText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A key in a directory: {@code <name>.sealed} where there is a {@link Seal}, else {@code <name>.key} in the clear, mode 0600. A key in the
 * clear is sealed as soon as there is a seal.
 */
public final class FileKeyStore implements KeyStore {
    private final Path plain;
    private final Path sealed;
    private final String name;
    private final Optional<Seal> seal;
    private @Nullable NodeKey known;

    public FileKeyStore(Path directory, String name, Optional<Seal> seal) {
        this.plain = directory.resolve(name + ".key");
        this.sealed = directory.resolve(name + ".sealed");
        this.name = name;
        this.seal = seal;
    }

    @Override
    public synchronized NodeKey key() throws IOException {
        NodeKey key = known == null ? read() : known;
        known = key;
        return key;
    }

    private NodeKey read() throws IOException {
        boolean hasPlain = Files.exists(plain, LinkOption.NOFOLLOW_LINKS);
        if (Files.exists(sealed, LinkOption.NOFOLLOW_LINKS)) {
            NodeKey key = unsealed();
            if (hasPlain) {
                dropCopyOf(key);
            }
            return key;
        }
        if (!hasPlain) {
            NodeKey key = NodeKey.generate();
            keep(key);
            return key;
        }
        NodeKey key = inTheClear();
        if (seal.isPresent()) {
            keep(key);
            unsealed();
            PrivateFile.delete(plain);
        }
        return key;
    }

    @Override
    public Optional<String> warning() {
        return seal.isPresent()
                ? Optional.empty()
                : Optional.of("key " + plain + ": in the clear: expected a seal: the systemd credential "
                        + Seal.CREDENTIAL + ", mesh.seal or " + Seal.VARIABLE);
    }

    private void keep(NodeKey key) throws IOException {
        byte[] pkcs8 = key.pkcs8();
        if (seal.isPresent()) {
            PrivateFile.replace(sealed, seal.get().seal(pkcs8, name));
        } else {
            // Directly under its own name: nothing in the clear may be left under another after a crash.
            PrivateFile.create(plain, PemText.text(PemText.PRIVATE_KEY, pkcs8).getBytes(StandardCharsets.US_ASCII));
        }
        Arrays.fill(pkcs8, (byte) 0);
    }

    private NodeKey unsealed() throws IOException {
        byte[] content = PrivateFile.read(sealed);
        if (seal.isEmpty()) {
            throw new IOException("key " + sealed + ": sealed: expected what sealed it: the systemd credential "
                    + Seal.CREDENTIAL + ", mesh.seal or " + Seal.VARIABLE);
        }
        try {
            byte[] pkcs8 = seal.get().open(content, name);
            NodeKey key = NodeKey.of(pkcs8);
            Arrays.fill(pkcs8, (byte) 0);
            return key;
        } catch (IllegalArgumentException e) {
            throw new IOException("key " + sealed + ": " + e.getMessage(), e);
        }
    }

    private NodeKey inTheClear() throws IOException {
        List<byte[]> blocks;
        try {
            blocks = PemText.blocks(PemText.text(PrivateFile.read(plain)), PemText.PRIVATE_KEY);
            if (blocks.size() == 1) {
                return NodeKey.of(blocks.get(0));
            }
        } catch (IllegalArgumentException e) {
            throw new IOException("key " + plain + ": " + e.getMessage(), e);
        }
        throw new IOException("key " + plain + ": " + blocks.size() + " keys: expected one whole key in PKCS#8");
    }

    /** A crash between sealing and deleting leaves both; anything else in the clear is not ours to delete. */
    private void dropCopyOf(NodeKey key) throws IOException {
        if (!Arrays.equals(inTheClear().marshalled(), key.marshalled())) {
            throw new IOException("key " + plain + ": another than " + sealed + ": expected one of them");
        }
        PrivateFile.delete(plain);
    }
}
