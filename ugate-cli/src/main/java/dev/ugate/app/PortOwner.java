package dev.ugate.app;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Who listens on a TCP port of this machine, from {@code /proc}; as far as our rights let us see. */
final class PortOwner {
    private static final int LISTEN_COLUMN = 3;
    private static final int INODE_COLUMN = 9;

    private PortOwner() {}

    /** {@code name (pid N)} of the process, when it can be known. */
    static Optional<String> of(int port) {
        for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
            try {
                Optional<String> inode = inode(Path.of(table), port);
                if (inode.isPresent()) {
                    return process("socket:[" + inode.get() + "]");
                }
            } catch (IOException unreadable) {
                return Optional.empty();
            }
        }
        return Optional.empty();
    }

    private static Optional<String> inode(Path table, int port) throws IOException {
        String suffix = String.format(Locale.ROOT, ":%04X", port);
        for (String line : Files.readAllLines(table)) {
            String[] columns = line.strip().split("\\s+", 0);
            if (columns.length > INODE_COLUMN && columns[1].endsWith(suffix) && columns[LISTEN_COLUMN].equals("0A")) {
                return Optional.of(columns[INODE_COLUMN]);
            }
        }
        return Optional.empty();
    }

    private static Optional<String> process(String socket) throws IOException {
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                if (holds(process.resolve("fd"), socket)) {
                    return Optional.of(
                            Files.readString(process.resolve("comm")).strip() + " (pid " + process.getFileName() + ")");
                }
            }
        }
        return Optional.empty();
    }

    private static boolean holds(Path descriptors, String socket) {
        try (DirectoryStream<Path> links = Files.newDirectoryStream(descriptors)) {
            for (Path link : links) {
                if (Files.isSymbolicLink(link)
                        && Files.readSymbolicLink(link).toString().equals(socket)) {
                    return true;
                }
            }
        } catch (IOException notOurs) {
            return false;
        }
        return false;
    }
}
