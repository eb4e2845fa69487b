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
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One key in a directory: {@code <name>.sealed} where there is a {@link Seal}, else {@code <name>.key} in the clear, mode 0600. A key in the
 * clear is sealed as soon as there is a seal.
 */
final class KeptKey<K> {
    private final Path plain;
    private final Path sealed;
    private final String name;
    private final Optional<Seal> seal;
    private final Form<K> form;
    private @Nullable K known;

    /**
     * How a kind of key comes and goes.
     *
     * @param of PKCS#8; throws {@link IllegalArgumentException} that does not show it
     */
    record Form<K>(Supplier<K> fresh, Function<byte[], K> of, Function<K, byte[]> pkcs8) {}

    KeptKey(Path directory, String name, Optional<Seal> seal, Form<K> form) {
        this.plain = directory.resolve(name + ".key");
        this.sealed = directory.resolve(name + ".sealed");
        this.name = name;
        this.seal = seal;
        this.form = form;
    }

    synchronized K key() throws IOException {
        K key = known == null ? read() : known;
        known = key;
        return key;
    }

    /** Whether there is one already. */
    boolean exists() {
        return Files.exists(sealed, LinkOption.NOFOLLOW_LINKS) || Files.exists(plain, LinkOption.NOFOLLOW_LINKS);
    }

    private K read() throws IOException {
        boolean hasPlain = Files.exists(plain, LinkOption.NOFOLLOW_LINKS);
        if (Files.exists(sealed, LinkOption.NOFOLLOW_LINKS)) {
            K key = unsealed();
            if (hasPlain) {
                dropCopyOf(key);
            }
            return key;
        }
        if (!hasPlain) {
            K key = form.fresh.get();
            keep(key);
            return key;
        }
        K key = inTheClear();
        if (seal.isPresent()) {
            keep(key);
            unsealed();
            PrivateFile.delete(plain);
        }
        return key;
    }

    Optional<String> warning() {
        return seal.isPresent()
                ? Optional.empty()
                : Optional.of("key " + plain + ": in the clear: expected a seal: the systemd credential "
                        + Seal.CREDENTIAL + ", mesh.seal or " + Seal.VARIABLE);
    }

    private void keep(K key) throws IOException {
        byte[] pkcs8 = form.pkcs8.apply(key);
        if (seal.isPresent()) {
            PrivateFile.replace(sealed, seal.get().seal(pkcs8, name));
        } else {
            // Directly under its own name: nothing in the clear may be left under another after a crash.
            PrivateFile.create(plain, PemText.text(PemText.PRIVATE_KEY, pkcs8).getBytes(StandardCharsets.US_ASCII));
        }
        Arrays.fill(pkcs8, (byte) 0);
    }

    private K unsealed() throws IOException {
        byte[] content = PrivateFile.read(sealed);
        if (seal.isEmpty()) {
            throw new IOException("key " + sealed + ": sealed: expected what sealed it: the systemd credential "
                    + Seal.CREDENTIAL + ", mesh.seal or " + Seal.VARIABLE);
        }
        try {
            byte[] pkcs8 = seal.get().open(content, name);
            K key = form.of.apply(pkcs8);
            Arrays.fill(pkcs8, (byte) 0);
            return key;
        } catch (IllegalArgumentException e) {
            throw new IOException("key " + sealed + ": " + e.getMessage(), e);
        }
    }

    private K inTheClear() throws IOException {
        List<byte[]> blocks;
        try {
            blocks = PemText.blocks(PemText.text(PrivateFile.read(plain)), PemText.PRIVATE_KEY);
            if (blocks.size() == 1) {
                return form.of.apply(blocks.get(0));
            }
        } catch (IllegalArgumentException e) {
            throw new IOException("key " + plain + ": " + e.getMessage(), e);
        }
        throw new IOException("key " + plain + ": " + blocks.size() + " keys: expected one whole key in PKCS#8");
    }

    /** A crash between sealing and deleting leaves both; anything else in the clear is not ours to delete. */
    private void dropCopyOf(K key) throws IOException {
        if (!Arrays.equals(form.pkcs8.apply(inTheClear()), form.pkcs8.apply(key))) {
            throw new IOException("key " + plain + ": another than " + sealed + ": expected one of them");
        }
        PrivateFile.delete(plain);
    }
}
