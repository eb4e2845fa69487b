package dev.ugate.model.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.http.HeaderEdit.Line;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FiltersTest {
    /** The table of HTTPPathModifier in the Gateway API, and queries. */
    @ParameterizedTest
    @CsvSource({
        "/foo/bar, /foo, /xyz, /xyz/bar",
        "/foo/bar, /foo, /xyz/, /xyz/bar",
        "/foo/bar, /foo/, /xyz, /xyz/bar",
        "/foo/bar, /foo/, /xyz/, /xyz/bar",
        "/foo, /foo, /xyz, /xyz",
        "/foo/, /foo, /xyz, /xyz/",
        "/foo/bar, /foo, '', /bar",
        "/foo, /foo, /xyz/, /xyz",
        "/foo/, /foo, /xyz/, /xyz/",
        "/foo/, /foo, '', /",
        "/foo, /foo, '', /",
        "/foo/, /foo, /, /",
        "/foo, /foo, /, /",
        "/foo?a=/b, /foo, /xyz, /xyz?a=/b",
        "/foo/bar, /, /xyz, /xyz/foo/bar",
        "/, /, /xyz, /xyz/",
        "//foo/bar, /foo, /xyz, /xyz/bar",
        "/other, /foo, /xyz, /other",
    })
    void replacesThePrefixThatMatched(String target, String prefix, String replacement, String expected) {
        PathChange change = new PathChange.Prefix(
                List.of(new PathMatch.Prefix("/never"), new PathMatch.Prefix(prefix)), replacement);

        assertThat(change.apply(target)).isEqualTo(expected);
    }

    @Test
    void aFullPathKeepsTheQuery() {
        assertThat(new PathChange.Full("/new").apply("/old/x?a=b")).isEqualTo("/new?a=b");
        assertThat(new PathChange.Full("/new").apply("/old")).isEqualTo("/new");
    }

    @Test
    void setsAddsAndRemovesFields() {
        HeaderEdit edit = new HeaderEdit(
                List.of(new Line("a", "new"), new Line("d", "4")), List.of(new Line("b", "more")), List.of("c"));
        Fields edited = edit.apply(Fields.of("A", "1", "b", "2", "C", "3", "a", "5", "e", "6"));

        assertThat(IntStream.range(0, edited.size()).mapToObj(i -> edited.name(i) + "=" + edited.value(i)))
                .containsExactly("b=2", "e=6", "a=new", "d=4", "b=more");
        assertThat(HeaderEdit.NONE.apply(edited)).isSameAs(edited);
    }

    @Test
    void filtersThatChangeNothingAreKnown() {
        assertThat(Filters.NONE.isNone()).isTrue();
    }
}
