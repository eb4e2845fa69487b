package dev.ugate.app;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Set;

/** Where an instance keeps what outlives it: {@code admin.sock} and {@code admin.token}, both for the owner alone. */
record StateDirectory(Path path) {
    private static final int TOKEN_BYTES = 32;

    /** Makes the directory (0700) where it is missing. */
    static StateDirectory at(Path path) throws IOException {
        if (!Files.isDirectory(path)) {
            Files.createDirectories(path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        return new StateDirectory(path);
    }

    /** The path of the admin socket, free to bind; fails when another instance answers there. */
    Path adminSocket() throws IOException {
        Path socket = path.resolve("admin.sock");
        if (Files.exists(socket)) {
            if (answers(socket)) {
                throw new IOException("state " + path + ": in use by a running instance: expected another --state");
            }
            Files.delete(socket);
        }
        return socket;
    }

    private static boolean answers(Path socket) {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return channel.connect(UnixDomainSocketAddress.of(socket));
        } catch (IOException dead) {
            return false;
        }
    }

    /** Only the owner may connect. */
    static void protect(Path socket) throws IOException {
        Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
    }

    /** The bearer token of the admin interface on TCP; made at the first start. */
    String adminToken() throws IOException {
        Path file = path.resolve("admin.token");
        if (!Files.exists(file)) {
            byte[] random = new byte[TOKEN_BYTES];
            new SecureRandom().nextBytes(random);
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(file, HexFormat.of().formatHex(random) + "\n", StandardOpenOption.TRUNCATE_EXISTING);
        }
        var mode = Files.getPosixFilePermissions(file);
        if (!Set.copyOf(PosixFilePermissions.fromString("rw-------")).containsAll(mode)) {
            throw new IOException("admin.token " + file + ": mode " + PosixFilePermissions.toString(mode) + ": expected rw-------");
        }
        return Files.readString(file, StandardCharsets.US_ASCII).strip();
    }
}
