package dev.ugate.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each configuration in conf/ loads, beside the certificate that its comments tell how to make. */
final class ExampleFilesTest {
    private static final Path CONF = Path.of("../conf");

    @TempDir
    private Path folder;

    static List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(CONF)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".yaml"))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void everyExampleLoads(String name) throws IOException {
        Samples.in(folder);
        try (Stream<Path> files = Files.list(CONF)) {
            for (Path file : files.toList()) {
                Files.copy(file, folder.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        Config config = ConfigFile.read(folder.resolve(name));

        assertThat(config.listeners()).isNotEmpty();
        assertThat(ConfigFile.parse(config.effective(), Path.of("/"))).isEqualTo(config);
    }

    @ParameterizedTest
    @MethodSource("files")
    void theRoleInTheNameIsTheRoleOfTheListeners(String name) throws IOException {
        String role = name.replace(".yaml", "");
        String text = Files.readString(CONF.resolve(name));

        assertThat(List.of("sidecar", "egress", "gateway").contains(role)).isEqualTo(text.contains("role: " + role));
    }
}
