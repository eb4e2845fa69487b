package dev.ugate.model.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HttpMatchTest {
    private static HttpMatch paths(PathMatch... paths) {
        return new HttpMatch(List.of(), List.of(paths), List.of(), List.of());
    }

    private static HttpMatch header(TextMatch value) {
        return new HttpMatch(List.of(), List.of(), List.of(FieldMatch.header("X-Role", value)), List.of());
    }

    private static HttpMatch parameter(TextMatch value) {
        return new HttpMatch(List.of(), List.of(), List.of(), List.of(new FieldMatch("v", value)));
    }

    private static boolean fits(HttpMatch match, String target, String... fields) {
        return match.fits("GET", target, Fields.of(fields));
    }

    private static boolean touches(HttpMatch match, String target, String... fields) {
        return match.touches("GET", target, Fields.of(fields));
    }

    @ParameterizedTest
    @CsvSource({
        "/foo, /foo, true",
        "/foo, /foo/, true",
        "/foo, /foo/x, true",
        "/foo, /foo?q=/bar, true",
        "/foo, /foobar, false",
        "/foo, /fo, false",
        "/foo, /Foo, false",
        "/foo, /bar/foo, false",
        "/foo/, /foo, true",
        "/foo/, /foo/x, true",
        "/foo/, /foobar, false",
        "/, /, true",
        "/, /anything?x, true",
        "/a/b, /a//b/c, true",
        "/admin, //admin, true",
        "/admin, /admin;x=1, false",
        "/foo, *, false",
    })
    void prefixesAreComparedByElement(String prefix, String target, boolean fits) {
        assertThat(fits(paths(new PathMatch.Prefix(prefix)), target)).isEqualTo(fits);
    }

    @ParameterizedTest
    @CsvSource({"/foo, /foo, true", "/foo, /foo?a=b, true", "/foo, /foo/, false", "/foo, /foo/x, false", "/, /, true"})
    void exactPathsAreComparedWithoutTheQuery(String path, String target, boolean fits) {
        assertThat(fits(paths(new PathMatch.Exact(path)), target)).isEqualTo(fits);
    }

    @ParameterizedTest
    @CsvSource({"/a+, /aaa, true", "/a+, /aaa?b, true", "/a+, /aaab, false", "/v[0-9]/.*, /v1/x/y, true"})
    void expressionsMatchTheWholePath(String expression, String target, boolean fits) {
        assertThat(fits(paths(new PathMatch.Regular(TextMatch.expression(expression))), target))
                .isEqualTo(fits);
    }

    @Test
    void expressionsTakeLinearTime() {
        HttpMatch match = paths(new PathMatch.Regular(TextMatch.expression("/(a+)+$")));

        assertThat(fits(match, "/" + "a".repeat(8000) + "!")).isFalse();
    }

    @Test
    void expressionsBeyondTheEngineOrTheLimitAreRefused() {
        assertThatThrownBy(() -> TextMatch.regular("(a)\\1")).hasMessageContaining("expected RE2 syntax");
        assertThatThrownBy(() -> TextMatch.regular("(a")).hasMessageContaining("missing closing )");
        assertThatThrownBy(() -> TextMatch.regular("a".repeat(1025))).hasMessageContaining("expected 1024 at most");
        assertThat(TextMatch.regular("a".repeat(1024)).value()).hasSize(1024);
    }

    @Test
    void everyKindOfConditionMustFit() {
        HttpMatch match = new HttpMatch(
                List.of("GET", "HEAD"),
                List.of(new PathMatch.Prefix("/a"), new PathMatch.Exact("/b")),
                List.of(FieldMatch.header("x-one", new TextMatch.Exact("1"))),
                List.of(new FieldMatch("v", new TextMatch.Exact("2"))));
        Fields one = Fields.of("X-One", "1");

        assertThat(match.fits("GET", "/a/x?v=2", one)).isTrue();
        assertThat(match.fits("HEAD", "/b?v=2", one)).isTrue();
        assertThat(match.fits("POST", "/a?v=2", one)).isFalse();
        assertThat(match.fits("GET", "/c?v=2", one)).isFalse();
        assertThat(match.fits("GET", "/a?v=3", one)).isFalse();
        assertThat(match.fits("GET", "/a", one)).isFalse();
        assertThat(match.fits("GET", "/a?v=2", Fields.of("x-one", "2"))).isFalse();
        assertThat(match.fits("GET", "/a?v=2", Fields.NONE)).isFalse();
        assertThat(HttpMatch.ANY.isAny()).isTrue();
        assertThat(match.isAny()).isFalse();
    }

    @Test
    void whatPermitsWantsEveryValueAndWhatForbidsOne() {
        HttpMatch admin = header(new TextMatch.Exact("admin"));

        assertThat(fits(admin, "/", "x-role", "admin", "x-role", "admin")).isTrue();
        assertThat(fits(admin, "/", "x-role", "admin", "x-role", "user")).isFalse();
        assertThat(touches(admin, "/", "x-role", "user", "x-role", "admin")).isTrue();
        assertThat(fits(admin, "/", "x-role", "user, admin")).isFalse();
        assertThat(touches(admin, "/", "x-role", "user, admin")).isTrue();
        assertThat(touches(admin, "/", "x-role", "administrator")).isFalse();
        assertThat(fits(parameter(new TextMatch.Exact("a")), "/?v=a&v=b")).isFalse();
        assertThat(touches(parameter(new TextMatch.Exact("a")), "/?v=b&v=a")).isTrue();
    }

    @Test
    void whatForbidsLooksThroughParametersOfThePath() {
        HttpMatch admin = paths(new PathMatch.Prefix("/admin"));

        assertThat(touches(admin, "/admin;a=b/x")).isTrue();
        assertThat(touches(admin, "/;a/admin")).isTrue();
        assertThat(touches(admin, "//admin")).isTrue();
        assertThat(touches(admin, "/public?x=/admin")).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "/?v=a, a, true",
        "/?x&v=a, a, true",
        "/?v=%61, a, true",
        "/?%76=a, a, true",
        "/?v, '', true",
        "/?v=a+b, a b, true",
        "/?v=%zz, %zz, true",
        "/?V=a, a, false",
        "/?v=aa, a, false",
    })
    void queryParametersAreComparedDecoded(String target, String value, boolean fits) {
        assertThat(fits(parameter(new TextMatch.Exact(value)), target)).isEqualTo(fits);
    }
}
