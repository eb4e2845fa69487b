package dev.ugate.protocols.ssh.server;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/**
 * The file of a Unix socket that leads to a guest. It is bound where nobody else can look, and linked to its place when it is 0600: a link
 * replaces nothing. Blocks; not for a loop.
 */
final class SocketFile {
    /** What leaves room in the address of a socket for the folder that it is bound in. */
    private static final int MOST_FOLDER = 80;

    private final Path path;
    private final Path folder;
    private final Path draft;
    private @Nullable Object key;

    private SocketFile(Path path, Path folder) {
        this.path = path;
        this.folder = folder;
        this.draft = folder.resolve("s");
    }

    /** Throws {@link Refused} DENIED where there is a file already, whoever's, and {@link IOException}. */
    static SocketFile at(Path path) throws IOException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            throw taken();
        }
        Path parent = path.toAbsolutePath().getParent();
        if (String.valueOf(parent).length() > MOST_FOLDER) {
            throw Refused.because(
                    Refusal.DENIED, "path: too long: expected a folder of at most " + MOST_FOLDER + " characters");
        }
        var mine = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
        return new SocketFile(path, Files.createTempDirectory(parent, ".u", mine));
    }

    private static Refused taken() {
        return Refused.because(Refusal.DENIED, "file exists: expected none");
    }

    /** Where it is to be bound. */
    Path draft() {
        return draft;
    }

    /** What was bound is to be found at its place; throws as {@link #at}. */
    void publish() throws IOException {
        try {
            Files.setPosixFilePermissions(draft, PosixFilePermissions.fromString("rw-------"));
            Files.createLink(path, draft);
            key = key(draft);
        } catch (FileAlreadyExistsException e) {
            throw taken();
        } finally {
            tidy();
        }
    }

    private static @Nullable Object key(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
    }

    /** Leaves nothing but what was published. */
    void tidy() throws IOException {
        Files.deleteIfExists(draft);
        Files.deleteIfExists(folder);
    }

    /** Takes it away, unless what is there now is another. */
    void remove() throws IOException {
        if (key != null && Files.exists(path, LinkOption.NOFOLLOW_LINKS) && key.equals(key(path))) {
            Files.delete(path);
        }
    }
}
