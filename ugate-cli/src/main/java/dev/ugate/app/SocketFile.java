package dev.ugate.app;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** The file of a Unix socket: whether it can be bound, which the kernel refuses as long as a file of that name exists. */
final class SocketFile {
    /** {@code S_IFMT} and {@code S_IFSOCK} of inode(7). */
    private static final int TYPE_MASK = 0xF000;

    private static final int SOCKET = 0xC000;

    private SocketFile() {}

    /** Removes a socket that nobody listens on; throws {@link IOException} where somebody does, or where the file is no socket. */
    static void free(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!(Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) instanceof Integer mode)
                || (mode & TYPE_MASK) != SOCKET) {
            throw new IOException("not a socket: expected no such file");
        }
        if (answers(path)) {
            throw new IOException("address in use by a running process");
        }
        Files.deleteIfExists(path);
    }

    private static boolean answers(Path path) {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return channel.connect(UnixDomainSocketAddress.of(path));
        } catch (IOException dead) {
            return false;
        }
    }
}
