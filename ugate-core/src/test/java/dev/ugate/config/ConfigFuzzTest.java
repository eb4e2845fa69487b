package dev.ugate.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.ugate.testing.Sample;
import dev.ugate.testing.Seeds;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Any text is a configuration or a list of problems with their places; what it means can be written down and read again. */
final class ConfigFuzzTest {
    private static final Path NOWHERE = Path.of("/nowhere");

    static Stream<Arguments> files() {
        Path root = Sample.root().resolveSibling("conf");
        Path bad = root.resolveSibling("ugate-core/src/test/resources/bad-config");
        return Stream.of(Seeds.files(root, ".yaml"), Seeds.files(bad, ".yaml"), Seeds.kept("config"))
                .flatMap(each -> each);
    }

    @MethodSource("files")
    @FuzzTest
    void isReadOrRefused(byte[] file) {
        Config config;
        try {
            config = ConfigFile.parse(new String(file, StandardCharsets.UTF_8), NOWHERE);
        } catch (ConfigProblems problems) {
            assertThat(problems.list()).isNotEmpty();
            return;
        }
        String effective = config.effective();
        assertThat(ConfigFile.parse(effective, NOWHERE).effective()).isEqualTo(effective);
    }
}
