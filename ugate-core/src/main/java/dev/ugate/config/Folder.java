package dev.ugate.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;

/** The folder of a configuration file, against which the file names in it are resolved (T121, J13). */
record Folder(Path path) {
    static final int MAX_BYTES = 1 << 20;

    private static final Set<PosixFilePermission> OTHERS = EnumSet.complementOf(EnumSet.of(
            PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE));

    Folder {
        path = path.toAbsolutePath().normalize();
    }

    /** The absolute form of a name; a relative one may not lead out of the folder. Throws {@link IllegalArgumentException}. */
    Path resolve(String name) {
        try {
            Path file = path.resolve(name).normalize();
            if (!Path.of(name).isAbsolute() && !file.startsWith(path)) {
                throw new IllegalArgumentException(
                        "file " + name + ": outside of " + path + ": expected an absolute name");
            }
            return file;
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("file name: expected one that the file system accepts", e);
        }
    }

    /** A file of PEM that holds a block of this label; throws {@link IllegalArgumentException}. */
    Path pem(String name, String label) {
        Path file = inside(name);
        if (!text(file).contains(label + "-----")) {
            throw new IllegalArgumentException("file " + file + ": not PEM: expected -----BEGIN … " + label + "-----");
        }
        return file;
    }

    /** A private key that only its owner can touch; throws {@link IllegalArgumentException}. */
    Path key(String name) {
        return secret(pem(name, "PRIVATE KEY").toString());
    }

    /** A key in whatever form that only its owner can touch; throws {@link IllegalArgumentException}. */
    Path secret(String name) {
        Path file = inside(name);
        try {
            Set<PosixFilePermission> mode = EnumSet.noneOf(PosixFilePermission.class);
            mode.addAll(Files.getPosixFilePermissions(file));
            mode.retainAll(OTHERS);
            if (!mode.isEmpty()) {
                throw new IllegalArgumentException("file " + file + ": others may touch the key: expected mode 0600");
            }
            return file;
        } catch (IOException e) {
            throw new IllegalArgumentException("file " + file + ": " + reason(e), e);
        }
    }

    /** An existing file; throws {@link IllegalArgumentException} where a link leads out of the folder. */
    Path inside(String name) {
        Path file = resolve(name);
        try {
            if (!Path.of(name).isAbsolute() && !file.toRealPath().startsWith(path.toRealPath())) {
                throw new IllegalArgumentException(
                        "file " + file + ": a link out of " + path + ": expected an absolute name");
            }
            return file;
        } catch (IOException e) {
            throw new IllegalArgumentException("file " + file + ": " + reason(e), e);
        }
    }

    /** At most 1 MiB of UTF-8; throws {@link IllegalArgumentException}. */
    static String text(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new IllegalArgumentException("file " + file + ": too large: expected at most 1MiB");
            }
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("file " + file + ": not UTF-8: expected text", e);
        } catch (IOException e) {
            throw new IllegalArgumentException("file " + file + ": " + reason(e), e);
        }
    }

    private static String reason(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "no such file: expected it to exist";
        }
        String why = e instanceof FileSystemException system
                ? String.valueOf(system.getReason())
                : String.valueOf(e.getMessage());
        return "not readable: " + (e instanceof AccessDeniedException ? "permission denied" : why);
    }
}
