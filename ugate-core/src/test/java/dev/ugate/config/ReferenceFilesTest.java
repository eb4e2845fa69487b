package dev.ugate.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Limits;
import dev.ugate.model.Timeouts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The files that repeat the reader's table for people and editors are exactly what the table says. After a change of the table,
 * {@code mvn test -Dtest=ReferenceFilesTest -Dugate.write=true} writes them anew.
 */
final class ReferenceFilesTest {
    private static final Path SCHEMA = Path.of("../conf/ugate.schema.json");
    private static final Path LIMITS = Path.of("../docs/limits.md");

    @Test
    void jsonSchemaListsExactlyTheKeysOfTheReader() throws IOException {
        check(SCHEMA, JsonSchema.of(new Schema(Vocabulary.STANDARD).root()));
    }

    @Test
    void limitsPageListsEveryBoundWithItsDefault() throws IOException {
        StringBuilder page = new StringBuilder(
                "# Limits and timeouts\n\n"
                        + "Every bound has a key, a default and a counter of how often it was met; `L` ids are those of the threat model.\n"
                        + "Sizes are written like `64KiB`, durations like `5s`. Loopback, Unix sockets and verified mesh peers are spared the\n"
                        + "bounds per source. Behind a trusted proxy (`proxyProtocol`) L3 to L6 count the client that the proxy names.\n");
        section(page, "timeouts", Bound.TIMEOUTS, Timeouts.STANDARD);
        section(page, "limits", Bound.LIMITS, Limits.STANDARD);
        check(LIMITS, page.toString());
    }

    @Test
    void tableNamesEveryComponentOfTheRecords() {
        assertThat(Bound.TIMEOUTS).extracting(Bound::key).containsExactly(components(Timeouts.class));
        assertThat(Bound.LIMITS).extracting(Bound::key).containsExactly(components(Limits.class));
    }

    private static String[] components(Class<?> type) {
        return names(type).toArray(String[]::new);
    }

    private static Stream<String> names(Class<?> type) {
        return Stream.of(type.getRecordComponents())
                .flatMap(c ->
                        type.equals(c.getType().getEnclosingClass()) ? names(c.getType()) : Stream.of(c.getName()));
    }

    private static <T> void section(StringBuilder page, String name, List<Bound<T>> bounds, T standard) {
        page.append("\n## `")
                .append(name)
                .append("`\n\n| key | default | id | metric | meaning |\n|---|---|---|---|---|\n");
        for (Bound<T> bound : bounds) {
            page.append("| `")
                    .append(name)
                    .append('.')
                    .append(bound.key())
                    .append("` | ")
                    .append(Effective.text(bound.value().apply(standard)))
                    .append(" | ")
                    .append(bound.id())
                    .append(" | `")
                    .append(bound.metric())
                    .append("` | ")
                    .append(bound.doc())
                    .append(" |\n");
        }
    }

    private static void check(Path file, String expected) throws IOException {
        if (Boolean.getBoolean("ugate.write")) {
            Files.writeString(file, expected);
        }
        assertThat(file).as("write it with -Dugate.write=true").hasContent(expected);
    }
}
