package dev.ugate.app.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.app.Json;
import dev.ugate.config.ProcessConfig;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/** Log records as one JSON object a line. */
final class JsonLinesTest {
    private static final Logger ROOT = Logger.getLogger("");

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final List<Handler> before = Arrays.asList(ROOT.getHandlers());

    @BeforeEach
    void install() {
        JsonLines.install(out, ProcessConfig.Level.INFO, Clock.systemUTC());
    }

    @AfterEach
    void restore() {
        for (Handler handler : ROOT.getHandlers()) {
            ROOT.removeHandler(handler);
        }
        before.forEach(ROOT::addHandler);
    }

    private List<String> lines() {
        return out.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    void writesKeysValuesAndStackOnOneLine() {
        LoggerFactory.getLogger("dev.ugate.test")
                .atError()
                .addKeyValue("file", "a\nb\"c")
                .setCause(new IllegalStateException("x\ny"))
                .log("bug");
        assertThat(lines()).hasSize(1);
        var line = Json.object(lines().get(0));
        assertThat(line).containsEntry("level", "error").containsEntry("logger", "dev.ugate.test");
        assertThat((String) line.get("message")).contains("bug").contains("a\nb\"c");
        assertThat((String) line.get("thrown")).contains("x\ny");
        assertThat((String) line.get("stack")).contains("writesKeysValuesAndStackOnOneLine");
    }

    @ParameterizedTest
    @EnumSource
    void remembersTheLevelThroughGarbageCollection(ProcessConfig.Level level) {
        JsonLines.level(level);
        System.gc();
        assertThat(JsonLines.level()).isEqualTo(level);
        LoggerFactory.getLogger("dev.ugate.test").debug("fine");
        assertThat(lines().isEmpty())
                .isEqualTo(level != ProcessConfig.Level.TRACE && level != ProcessConfig.Level.DEBUG);
        JsonLines.level(ProcessConfig.Level.INFO);
    }

    @Test
    void keepsOtherLibrariesAtTheirOwnLevel() {
        JsonLines.level(ProcessConfig.Level.TRACE);
        Logger.getLogger("io.netty.test").log(Level.FINE, "noise");
        assertThat(lines()).isEmpty();
        JsonLines.level(ProcessConfig.Level.INFO);
    }
}
