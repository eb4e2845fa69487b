package dev.ugate.app.log;

import dev.ugate.config.ProcessConfig;
import dev.ugate.spi.Journal;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where log lines and access lines go, as the section {@code log} says. */
public final class Logs implements AutoCloseable {
    private final @Nullable AccessLog access;

    private Logs(@Nullable AccessLog access) {
        this.access = access;
    }

    /** For a process of our own: log records and access lines; throws {@link IOException} when the file cannot be opened. */
    public static Logs open(ProcessConfig.Log config, Clock clock) throws IOException {
        OutputStream out = out(config);
        JsonLines.install(out, config.level(), clock);
        return access(config, out, clock);
    }

    /** Inside somebody else's program: access lines only, its logging is its own; throws {@link IOException}. */
    public static Logs embedded(ProcessConfig.Log config, Clock clock) throws IOException {
        return access(config, config.access() == ProcessConfig.Access.OFF ? System.err : out(config), clock);
    }

    /** For a command that only asks: warnings on the standard error. */
    public static Logs warnings(Clock clock) {
        JsonLines.install(System.err, ProcessConfig.Level.WARN, clock);
        return new Logs(null);
    }

    private static Logs access(ProcessConfig.Log config, OutputStream out, Clock clock) {
        return new Logs(
                switch (config.access()) {
                    case OFF -> null;
                    case JSON -> new AccessLog(out, clock, new JsonLine());
                    case COMMON -> new AccessLog(out, clock, new ApacheLine(ZoneId.systemDefault(), false));
                    case COMBINED -> new AccessLog(out, clock, new ApacheLine(ZoneId.systemDefault(), true));
                });
    }

    private static OutputStream out(ProcessConfig.Log config) throws IOException {
        return config.file().isPresent() ? append(config.file().get()) : System.err;
    }

    private static OutputStream append(Path file) throws IOException {
        try {
            return new FileOutputStream(file.toFile(), true);
        } catch (IOException e) {
            throw new IOException("log " + e.getMessage(), e);
        }
    }

    public Optional<Journal> access() {
        return Optional.ofNullable(access);
    }

    /** Access lines that were lost. */
    public long dropped() {
        return access == null ? 0 : access.dropped();
    }

    @Override
    public void close() {
        if (access != null) {
            access.close();
        }
    }
}
