package dev.ugate.app;

import dev.ugate.config.ProcessConfig;
import dev.ugate.spi.Journal;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where log lines and access lines go, as the section {@code log} says. */
final class Logs implements AutoCloseable {
    private final @Nullable AccessLog access;

    private Logs(@Nullable AccessLog access) {
        this.access = access;
    }

    /** Throws {@link UncheckedIOException} when the file cannot be opened. */
    static Logs open(ProcessConfig.Log config, Clock clock) {
        OutputStream out = config.file().map(Logs::append).orElse(System.err);
        JsonLines.install(out, config.level(), clock);
        return new Logs(config.access() == ProcessConfig.Access.OFF ? null : new AccessLog(out, clock));
    }

    private static OutputStream append(java.nio.file.Path file) {
        try {
            return new FileOutputStream(file.toFile(), true);
        } catch (IOException e) {
            throw new UncheckedIOException("log " + file + ": " + e.getMessage(), e);
        }
    }

    Optional<Journal> access() {
        return Optional.ofNullable(access);
    }

    long dropped() {
        return access == null ? 0 : access.dropped();
    }

    @Override
    public void close() {
        if (access != null) {
            access.close();
        }
    }
}
