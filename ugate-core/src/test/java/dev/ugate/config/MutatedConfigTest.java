package dev.ugate.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is in a file, the answer is a configuration or its problems, never anything else. */
final class MutatedConfigTest {
    private static final List<String> PIECES = List.of(
            "\n",
            " ",
            ":",
            "- ",
            "[",
            "]",
            "{",
            "}",
            "&a ",
            "*a",
            "!!int ",
            "!x ",
            "\"",
            "'",
            "#",
            "|",
            ">",
            "%",
            "@",
            "`",
            "? ",
            "---",
            "...",
            "null",
            "true",
            "-1",
            "0x10",
            "1e9",
            ".inf",
            "999999999999",
            "\t",
            "\u0000",
            "\u0085",
            "\u2028",
            "ü",
            "😀",
            "\ud800",
            "<<: ",
            "\\",
            "*",
            "**",
            "spiffe://",
            "user:",
            "10.0.0.0/8",
            "::",
            "unix:",
            "udp:",
            "5s",
            "64KiB",
            "\r\n",
            "%YAML 1.1\n---\n",
            "\ufeff");

    @TempDir
    private Path folder;

    @Test
    void neverThrowsAnythingButProblems() throws IOException {
        Samples.in(folder);
        Random random = new Random(121);
        int read = 0;
        int refused = 0;
        for (String seed : seeds()) {
            for (int i = 0; i < 100; i++) {
                String text = mutated(seed, random);
                try {
                    Config config = ConfigFile.parse(text, folder);
                    assertThat(ConfigFile.parse(config.effective(), folder)).isEqualTo(config);
                    read++;
                } catch (ConfigProblems e) {
                    assertThat(e.list()).isNotEmpty();
                    refused++;
                } catch (RuntimeException | StackOverflowError e) {
                    throw new AssertionError("from:\n" + text, e);
                }
            }
        }
        assertThat(read).as("mutants that are still legal").isGreaterThan(20);
        assertThat(refused).as("mutants that are refused").isGreaterThan(500);
    }

    private static List<String> seeds() throws IOException {
        try (Stream<Path> bad = Files.list(Path.of("src/test/resources/bad-config"));
                Stream<Path> good = Files.list(Path.of("../conf"))) {
            return Stream.of(bad, good, Stream.of(Path.of("src/test/resources/full.yaml")))
                    .flatMap(files -> files)
                    .filter(file -> file.toString().endsWith(".yaml"))
                    .sorted()
                    .map(MutatedConfigTest::text)
                    .toList();
        }
    }

    private static String text(Path file) {
        return Folder.text(file);
    }

    private static String mutated(String seed, Random random) {
        StringBuilder text = new StringBuilder(seed);
        for (int n = 1 + random.nextInt(3); n > 0 && text.length() > 2; n--) {
            int at = random.nextInt(text.length());
            int end = Math.min(text.length(), at + 1 + random.nextInt(8));
            switch (random.nextInt(4)) {
                case 0 -> text.delete(at, end);
                case 1 -> text.insert(at, PIECES.get(random.nextInt(PIECES.size())));
                case 2 -> text.replace(at, end, PIECES.get(random.nextInt(PIECES.size())));
                default -> text.insert(random.nextInt(text.length()), text.substring(at, end));
            }
        }
        return text.toString();
    }
}
