package dev.ugate.protocols.ssh.server;

import dev.ugate.config.ssh.PathPattern;
import dev.ugate.config.ssh.SshOffers;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;

/** The Unix sockets that the operator wrote down: whether a path that a guest asks for is one of them, links and all. */
record SocketPaths(List<SshOffers.Sockets> written) {
    SocketPaths {
        written = List.copyOf(written);
    }

    /** A path that is one of them, and what policy knows it by. */
    record Place(Path path, SshOffers.Sockets of) {
        /**
         * Where a socket is that exists: within the folder that the operator spelled out a link may lead to nothing else than what the pattern
         * means. Blocks; throws {@link Refused} DENIED, and {@link IOException} where there is none.
         */
        Path real() throws IOException {
            return of.path().isExact() ? path : within(path.toRealPath());
        }

        /** The same of a socket that does not exist yet: for the folder that it is to be in. */
        Path free() throws IOException {
            Path folder = path.getParent();
            Path name = path.getFileName();
            return of.path().isExact() || folder == null || name == null
                    ? path
                    : within(folder.toRealPath().resolve(name));
        }

        private Path within(Path real) throws IOException {
            Path base = Path.of(of.path().base() + "/").toRealPath();
            if (!real.startsWith(base) || !of.path().matches(of.path().base() + "/" + base.relativize(real))) {
                throw denied("leads to another place");
            }
            return real;
        }
    }

    /** Throws {@link Refused} DENIED for every other path. */
    Place find(String path) {
        for (SshOffers.Sockets each : written) {
            if (each.path().matches(path)) {
                return new Place(path(path), each);
            }
        }
        throw denied(PathPattern.isPlain(path) ? "is none of ssh.sockets" : "expected a plain absolute path");
    }

    private static Path path(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw denied("is no path of this machine");
        }
    }

    private static Refused denied(String why) {
        return Refused.because(Refusal.DENIED, "path: " + why);
    }
}
