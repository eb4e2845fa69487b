package dev.ugate.app.ssh;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** A file that says whom to believe: whoever may write it may say so, which is its owner alone (StrictModes of sshd). */
final class TrustedFile {
    private static final int LONGEST = 1 << 20;
    private static final Set<PosixFilePermission> WRITERS =
            EnumSet.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

    private TrustedFile() {}

    /** At most 1 MiB of text; throws {@link IOException} that names the file. */
    static String text(Path file) throws IOException {
        check(file);
        try (var in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(LONGEST + 1);
            if (bytes.length > LONGEST) {
                throw new IOException("file " + file + ": too large: expected at most 1MiB");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    private static void check(Path file) throws IOException {
        Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
        if (mode.stream().anyMatch(WRITERS::contains)) {
            throw new IOException("file " + file + ": mode " + PosixFilePermissions.toString(mode)
                    + ": others may say whom to believe: expected rw-r--r-- or less");
        }
    }

    /** The text of a file in a folder of its owner's; empty where there is none. */
    static Optional<String> inHome(Path file) throws IOException {
        Path folder = file.getParent();
        if (!Files.isRegularFile(file) || folder == null) {
            return Optional.empty();
        }
        check(folder);
        return Optional.of(text(file));
    }
}
