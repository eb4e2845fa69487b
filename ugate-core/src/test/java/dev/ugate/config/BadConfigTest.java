package dev.ugate.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each file in bad-config has its list of problems beside it; {@code -Dugate.write=true} writes the lists anew, to be read. */
final class BadConfigTest {
    private static final Path BAD = Path.of("src/test/resources/bad-config");

    @TempDir
    private Path folder;

    static List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(BAD)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".yaml"))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void everyProblemIsReportedAtOnceWithItsPlace(String name) throws IOException {
        Samples.in(folder);
        Path file = Files.copy(BAD.resolve(name), folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        ConfigProblems problems = catchThrowableOfType(ConfigProblems.class, () -> ConfigFile.read(file));
        String found = problems.getMessage().replace(folder + "/", "").replace(folder.toString(), "FOLDER") + "\n";
        Path expected = BAD.resolve(name.replace(".yaml", ".expected"));
        if (Boolean.getBoolean("ugate.write")) {
            Files.writeString(expected, found);
        }

        assertThat(found).isEqualTo(Files.readString(expected)).doesNotContain("hunter2");
    }
}
