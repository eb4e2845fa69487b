package dev.ugate.app.log;

import dev.ugate.config.ProcessConfig;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Log records of the JDK's logging (behind SLF4J) as one JSON object a line. */
public final class JsonLines extends Handler {
    /** Held, because java.util.logging forgets the level of a logger that nobody holds. */
    private static final Logger OURS = Logger.getLogger("dev.ugate");

    private final OutputStream out;
    private final Clock clock;

    private JsonLines(OutputStream out, Clock clock) {
        this.out = out;
        this.clock = clock;
    }

    /** Replaces the handlers of the root logger. */
    static void install(OutputStream out, ProcessConfig.Level level, Clock clock) {
        Logger root = Logger.getLogger("");
        for (Handler handler : root.getHandlers()) {
            root.removeHandler(handler);
        }
        root.addHandler(new JsonLines(out, clock));
        level(level);
    }

    /** The least severe level that is written. */
    public static ProcessConfig.Level level() {
        Level level = OURS.getLevel();
        int value = level == null ? Level.INFO.intValue() : level.intValue();
        for (ProcessConfig.Level each : ProcessConfig.Level.values()) {
            if (value <= severity(each).intValue()) {
                return each;
            }
        }
        return ProcessConfig.Level.ERROR;
    }

    /** Changes the least severe level at run time. */
    public static void level(ProcessConfig.Level level) {
        OURS.setLevel(severity(level));
    }

    private static Level severity(ProcessConfig.Level level) {
        return switch (level) {
            case TRACE -> Level.FINEST;
            case DEBUG -> Level.FINE;
            case INFO -> Level.INFO;
            case WARN -> Level.WARNING;
            case ERROR -> Level.SEVERE;
        };
    }

    @Override
    public void publish(LogRecord record) {
        StringBuilder text = new StringBuilder(256);
        JsonText json = new JsonText(text)
                .begin()
                .field("time", clock.instant().toString())
                .field("level", word(record.getLevel()))
                .field("logger", String.valueOf(record.getLoggerName()))
                .field("message", String.valueOf(record.getMessage()));
        Throwable thrown = record.getThrown();
        if (thrown != null) {
            json.field("thrown", thrown.toString());
            StringBuilder stack = new StringBuilder();
            for (StackTraceElement frame : thrown.getStackTrace()) {
                stack.append(frame).append('\n');
            }
            json.field("stack", stack.toString());
        }
        json.end();
        byte[] line = text.append('\n').toString().getBytes(StandardCharsets.UTF_8);
        try {
            out.write(line);
            out.flush();
        } catch (IOException lost) {
            reportError("log line lost", lost, 0);
        }
    }

    private static String word(Level level) {
        if (level.intValue() >= Level.SEVERE.intValue()) {
            return "error";
        }
        if (level.intValue() >= Level.WARNING.intValue()) {
            return "warn";
        }
        return level.intValue() >= Level.INFO.intValue() ? "info" : "debug";
    }

    @Override
    public void flush() {
        // Every line is flushed as it is written.
    }

    @Override
    public void close() {
        // The stream belongs to whoever opened it.
    }
}
