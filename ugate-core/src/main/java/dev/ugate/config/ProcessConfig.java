package dev.ugate.config;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;

/** The sections of the process as a whole: {@code loops}, {@code admin} and {@code log}. */
public record ProcessConfig(Loops loops, InetSocketAddress admin, Log log) {
    /** What drives the event loops. */
    public enum Backend {
        EPOLL,
        IO_URING,
        NIO
    }

    /**
     * The event loops.
     *
     * @param count empty for one per processor
     * @param mark of dialled sockets, 0 for none
     */
    public record Loops(Optional<Integer> count, Backend backend, int mark) {}

    /** The least severe record that is written. */
    public enum Level {
        TRACE,
        DEBUG,
        INFO,
        WARN,
        ERROR
    }

    /** How streams are logged, one line each. */
    public enum Access {
        JSON,
        /** Apache's Common Log Format. */
        COMMON,
        /** The same with Referer and User-Agent. */
        COMBINED,
        OFF
    }

    /**
     * Where the log goes.
     *
     * @param file empty for the standard error
     */
    public record Log(Level level, Access access, Optional<Path> file) {}

    /** The same with another's level, the one key of it that a reload applies. */
    public ProcessConfig withLevelOf(ProcessConfig other) {
        return new ProcessConfig(loops, admin, new Log(other.log.level(), log.access(), log.file()));
    }

    public static final ProcessConfig STANDARD = new ProcessConfig(
            new Loops(Optional.empty(), Backend.EPOLL, 0),
            (InetSocketAddress) ListenAddress.parse("127.0.0.1:15000").socket(),
            new Log(Level.INFO, Access.JSON, Optional.empty()));
}
