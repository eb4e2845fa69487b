package dev.ugate.identity;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** Files that nobody but their owner may touch (T121, J13): no links, mode 0600 from their creation, on disk when written. */
final class PrivateFile {
    private static final int LONGEST = 64 << 10;
    private static final Set<PosixFilePermission> OWNER = PosixFilePermissions.fromString("rwx------");
    private static final Set<StandardOpenOption> NEW = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    private static final FileAttribute<?> MODE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private PrivateFile() {}

    /** The content; throws {@link IOException} for a link, for one that others may touch, and for more than 64 KiB. */
    static byte[] read(Path file) throws IOException {
        try {
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                throw new IOException("file " + file + ": "
                        + (Files.isSymbolicLink(file) ? "a link" : "no such file")
                        + ": expected a file");
            }
            Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS);
            if (!OWNER.containsAll(mode)) {
                throw new IOException("file " + file + ": mode " + PosixFilePermissions.toString(mode)
                        + ": others may touch the key: expected rw-------");
            }
            return bytes(file, LinkOption.NOFOLLOW_LINKS);
        } catch (FileSystemException e) {
            throw named(file, e);
        }
    }

    /** What systemd put there, which sees to who may read it; empty when it did not. */
    static Optional<byte[]> credential(Path file) throws IOException {
        try {
            return Optional.of(bytes(file));
        } catch (NoSuchFileException none) {
            return Optional.empty();
        } catch (FileSystemException e) {
            throw named(file, e);
        }
    }

    private static byte[] bytes(Path file, LinkOption... links) throws IOException {
        Set<OpenOption> options = new HashSet<>(Set.of(links));
        options.add(StandardOpenOption.READ);
        try (var channel = Files.newByteChannel(file, options)) {
            byte[] bytes = Channels.newInputStream(channel).readNBytes(LONGEST + 1);
            if (bytes.length > LONGEST) {
                throw new IOException("file " + file + ": too large: expected at most 64KiB");
            }
            return bytes;
        }
    }

    /** Makes the file, which must not exist, under its own name: for what must not lie about under another. */
    static void create(Path file, byte[] content) throws IOException {
        try {
            write(file, content, NEW);
            sync(file);
        } catch (FileSystemException e) {
            throw named(file, e);
        }
    }

    /** Puts the file in the place of whatever has its name, whole or not at all. */
    static void replace(Path file, byte[] content) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.deleteIfExists(fresh);
            write(fresh, content, NEW);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
            sync(file);
        } catch (FileSystemException e) {
            throw named(file, e);
        }
    }

    /** Adds to the end of a file, which is made when there is none. */
    static void append(Path file, byte[] content) throws IOException {
        var options = Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
        try {
            write(file, content, options);
            sync(file);
        } catch (FileSystemException e) {
            throw named(file, e);
        }
    }

    /** Makes a directory for the owner alone where there is none. */
    static void directory(Path path) throws IOException {
        if (!Files.isDirectory(path)) {
            Files.createDirectories(path, PosixFilePermissions.asFileAttribute(OWNER));
        }
    }

    static void delete(Path file) throws IOException {
        Files.deleteIfExists(file);
        sync(file);
    }

    private static void write(Path file, byte[] content, Set<StandardOpenOption> options) throws IOException {
        try (FileChannel channel = FileChannel.open(file, options, MODE)) {
            ByteBuffer rest = ByteBuffer.wrap(content);
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
            channel.force(true);
        }
    }

    /** The name is on disk only when its directory is. */
    private static void sync(Path file) throws IOException {
        Path directory = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(Path.of("/"));
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static IOException named(Path file, FileSystemException e) {
        String why = e.getReason() != null ? e.getReason() : e.getClass().getSimpleName();
        String text = e instanceof NoSuchFileException
                ? "no such file: expected it to exist"
                : e instanceof AccessDeniedException
                        ? "permission denied: expected the owner to run this"
                        : e instanceof FileAlreadyExistsException ? "exists: expected none" : why;
        return new IOException("file " + file + ": " + text, e);
    }
}
