package dev.ugate.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.config.Bound;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A bound that docs/limits.md says is counted is named by the code that refuses because of it. */
final class CountedLimitsTest {
    private static final String COUNTED = "ugate_limit_hit_total";

    @Test
    void everyCountedLimitIsNamedWhereItRefuses() throws IOException {
        List<String> code = new ArrayList<>();
        for (Path source : Shipped.sources()) {
            if (!source.toString().contains("/dev/ugate/config/")) {
                code.add(Files.readString(source));
            }
        }
        List<String> counted = Stream.concat(
                        Bound.TIMEOUTS.stream()
                                .filter(b -> b.metric().startsWith(COUNTED))
                                .map(Bound::key),
                        Bound.LIMITS.stream()
                                .filter(b -> b.metric().startsWith(COUNTED))
                                .map(Bound::key))
                .toList();
        assertThat(counted).hasSizeGreaterThan(10);
        assertThat(counted)
                .allSatisfy(key -> assertThat(code)
                        .as(key)
                        .anyMatch(text -> text.contains("limit " + key + ":") || text.contains("\"" + key + "\"")));
    }
}
