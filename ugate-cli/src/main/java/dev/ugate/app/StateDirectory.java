package dev.ugate.app;

import dev.ugate.config.mesh.MeshConfig;
import dev.ugate.identity.FileKeyStore;
import dev.ugate.identity.KeyStore;
import dev.ugate.identity.Seal;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Set;

/**
 * Where one instance keeps what outlives it: {@code admin.sock} and {@code admin.token}, both for the owner alone. The kernel holds
 * {@code lock} for this process until it ends, however it ends.
 */
final class StateDirectory implements AutoCloseable {
    private static final int TOKEN_BYTES = 32;
    private static final Set<PosixFilePermission> OWNER = PosixFilePermissions.fromString("rw-------");
    private static final FileAttribute<?> MINE = PosixFilePermissions.asFileAttribute(OWNER);

    private final Path path;
    private final FileChannel lock;

    private StateDirectory(Path path, FileChannel lock) {
        this.path = path;
        this.lock = lock;
    }

    /** Makes the directory (0700) where it is missing; throws {@link IOException} when another instance has it. */
    static StateDirectory at(Path path) throws IOException {
        try {
            if (!Files.isDirectory(path)) {
                Files.createDirectories(
                        path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            Path file = path.resolve("lock");
            FileChannel lock =
                    FileChannel.open(file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), MINE);
            if (!locked(lock)) {
                lock.close();
                throw new IOException("state " + path + ": in use by a running instance: expected another --state");
            }
            return new StateDirectory(path, lock);
        } catch (FileSystemException e) {
            throw new IOException("state " + path + ": " + why(e) + ": expected a directory to write to", e);
        }
    }

    private static String why(FileSystemException e) {
        return e.getReason() == null ? e.getClass().getSimpleName().replace("Exception", "") : e.getReason();
    }

    private static boolean locked(FileChannel file) throws IOException {
        try {
            FileLock lock = file.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException oursAlready) {
            return false;
        }
    }

    /** Where the node's own key is kept. */
    KeyStore keys(MeshConfig mesh) throws IOException {
        return new FileKeyStore(path, "node", Seal.given(mesh.seal(), System.getenv()));
    }

    /** The path of the admin socket, free to bind. */
    Path adminSocket() throws IOException {
        Path socket = path.resolve("admin.sock");
        try {
            SocketFile.free(socket);
        } catch (IOException e) {
            throw new IOException("state " + path + ": admin.sock: " + e.getMessage(), e);
        }
        return socket;
    }

    /** Only the owner may connect. */
    static void protect(Path socket) throws IOException {
        Files.setPosixFilePermissions(socket, OWNER);
    }

    /** The bearer token of the admin interface on TCP; made at the first start. */
    String adminToken() throws IOException {
        Path file = path.resolve("admin.token");
        if (!Files.exists(file)) {
            make(file);
        }
        var mode = Files.getPosixFilePermissions(file);
        if (!OWNER.containsAll(mode)) {
            throw new IOException(
                    "admin.token " + file + ": mode " + PosixFilePermissions.toString(mode) + ": expected rw-------");
        }
        String token = Files.readString(file, StandardCharsets.US_ASCII).strip();
        // An empty token would let everybody in.
        if (token.length() < TOKEN_BYTES) {
            throw new IOException(
                    "admin.token " + file + ": " + token.length() + " characters: expected at least " + TOKEN_BYTES);
        }
        return token;
    }

    /** Under its name only when it is whole: a crash leaves no half a token. */
    private void make(Path file) throws IOException {
        byte[] random = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(random);
        Path fresh = path.resolve("admin.token.new");
        Files.deleteIfExists(fresh);
        Files.createFile(fresh, MINE);
        Files.writeString(fresh, HexFormat.of().formatHex(random) + "\n");
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }
}
