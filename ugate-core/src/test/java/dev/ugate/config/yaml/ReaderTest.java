package dev.ugate.config.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ReaderTest {
    private static final Kind NUMBER =
            new Kind.Scalar("a number", Set.of(Kind.Notation.INTEGER), "", text -> Integer.valueOf(text));
    private static final Kind.Mapping ITEM = Kind.mapping(
            Kind.key("name", Kind.string("a name", "", text -> text), "").asRequired(), Kind.key("size", NUMBER, ""));
    private static final Kind.Mapping ROOT = Kind.mapping(
            Kind.key("count", NUMBER, ""),
            Kind.key("colour", Kind.words(List.of("red", "green"), Map.of("blue", "the sea brings it")), ""),
            Kind.key("items", new Kind.Sequence(new Kind.Either(NUMBER, ITEM), true), ""),
            Kind.key("ports", new Kind.OneOrMany(NUMBER), ""),
            Kind.later("mesh", "the mesh brings it"));

    private final Problems problems = new Problems("f.yaml");

    @Test
    void readsWhatTheKindDescribes() {
        Value.Fields root = read("count: 3\ncolour: red\nitems: [1, {name: a, size: 2}]\nports: 7")
                .orElseThrow();

        assertThat(problems.list()).isEmpty();
        assertThat(root.one("count", Integer.class)).contains(3);
        assertThat(root.one("colour", String.class)).contains("red");
        assertThat(root.all("ports", Integer.class)).containsExactly(7);
        assertThat(root.each("items")).hasSize(1);
        assertThat(root.each("items").get(0).one("name", String.class)).contains("a");
        assertThat(root.has("mesh")).isFalse();
        assertThat(root.fields("mesh")).isEqualTo(Value.Fields.NONE);
    }

    @Test
    void reportsEveryProblemInTheOrderOfTheFile() {
        read("""
                cuont: 3
                count: many
                colour: gren
                items:
                  - {nam: a}
                  - [1]
                ports: []
                mesh: {}
                count: 4
                ? [a]
                : b
                """);

        assertThat(problems.list())
                .extracting(Problem::toString)
                .containsExactly(
                        "f.yaml:1:1: cuont: unknown key: did you mean count?",
                        "f.yaml:2:8: count: found text 'many': expected a number",
                        "f.yaml:3:9: colour: unknown word 'gren': did you mean green?",
                        "f.yaml:5:6: items[0].nam: unknown key: did you mean name?",
                        "f.yaml:6:5: items[1]: found a list: expected a number",
                        "f.yaml:7:8: ports: empty list: expected one item or more",
                        "f.yaml:8:1: mesh: not in this release: the mesh brings it",
                        "f.yaml:9:1: count: duplicate key: expected it once",
                        "f.yaml:10:3: found a list: expected a key");
    }

    @Test
    void wordsOfLaterReleasesAreNotTypingErrors() {
        read("colour: blue");

        assertThat(problems.list())
                .extracting(Problem::text)
                .containsExactly("blue: not in this release: the sea brings it");
    }

    @Test
    void aBrokenValueIsPresentButHasNoValue() {
        Value.Fields root = read("count: x").orElseThrow();

        assertThat(root.has("count")).isTrue();
        assertThat(root.one("count", Integer.class)).isEmpty();
        assertThat(root.at("count")).isEqualTo(new Place(1, 8, "count"));
        assertThat(root.at("ports")).isEqualTo(new Place(1, 1, "ports"));
    }

    @Test
    void wrongTypesAreNamed() {
        read("count: '3'");
        read("items: 3");
        read("items: [{name: 12}]");
        read("count:");
        read("colour: {}");
        read("count: !!str 3");
        read("items: !!set {a}");
        read("count: !x 3");

        assertThat(problems.list())
                .extracting(Problem::text)
                .containsExactlyInAnyOrder(
                        "found text '3': expected a number",
                        "found number '3': expected a list",
                        "found number '12': expected a name in quotes",
                        "found nothing: expected a number",
                        "found a mapping: expected red or green",
                        "tag tag:yaml.org,2002:set: expected none",
                        "found '3': expected a number");
    }

    @Test
    void brokenYamlHasAPlace() {
        assertThat(read("count: [1\nitems: 2")).isEmpty();
        assertThat(problems.list()).hasSize(1);
        assertThat(problems.list().get(0).line()).isPositive();
        assertThat(problems.list().get(0).text()).startsWith("yaml: ");
    }

    @Test
    void emptyAndSecondDocumentsAreProblems() {
        read("");
        read("# nothing");
        read("count: 1\n---\ncount: 2");
        read("[1]");

        assertThat(problems.list())
                .extracting(Problem::text)
                .containsExactly(
                        "empty: expected a mapping with the key version",
                        "found a list: expected a mapping",
                        "second document: expected one");
    }

    @Test
    void depthAliasesAndSizeAreBounded() {
        read("items: " + "[".repeat(100_000));
        read("items: " + "{a: ".repeat(101) + "}".repeat(101));
        read("count: &a 1\nports: [" + "*a, ".repeat(51) + "1]");
        read("#" + "x".repeat(Document.MAX_CHARACTERS));

        assertThat(problems.list())
                .extracting(Problem::text)
                .contains(
                        "depth 101: expected at most 100",
                        "alias 51: expected at most 50",
                        "size 1048577: expected at most 1MiB");
    }

    @Test
    void aBombOfAliasesIsReadWithinBounds() {
        StringBuilder bomb = new StringBuilder("items:\n- &a0 [1,2,3,4,5,6,7,8,9]\n");
        for (int i = 1; i <= 5; i++) {
            bomb.append("- &a")
                    .append(i)
                    .append(" [")
                    .append(("*a" + (i - 1) + ",").repeat(9))
                    .append("1]\n");
        }
        read(bomb.toString());

        assertThat(problems.list()).isNotEmpty().hasSizeLessThan(20);
    }

    @Test
    void aliasesOfScalarsAndMappingsWork() {
        Value.Fields root = read("items: [&x {name: a}, *x]").orElseThrow();

        assertThat(problems.list()).isEmpty();
        assertThat(root.each("items")).hasSize(2);
    }

    @Test
    void anItemThatHoldsItselfIsAProblemNotALoop() {
        read("items: &x [*x]");

        assertThat(problems.list()).extracting(Problem::text).containsExactly("found a list: expected a number");
    }

    @Test
    void writtenTreesReadBackTheSame() {
        for (String text : List.of(
                "plain",
                "true",
                "5s",
                "",
                "a: b",
                "#c",
                "\"q\\",
                "ü😀",
                "line\nbreak",
                "- x",
                "null",
                "1e3",
                "~",
                "*")) {
            String yaml =
                    Writer.write(Map.of("items", List.of(Map.of("name", text, "size", 1), 4), "ports", List.of(1, 2)));
            Value.Fields root = read(yaml).orElseThrow();

            assertThat(problems.list()).as(yaml).isEmpty();
            assertThat(root.each("items").get(0).one("name", String.class)).contains(text);
            assertThat(root.all("ports", Integer.class)).containsExactly(1, 2);
        }
    }

    @Test
    void suggestsOnlyWhatIsNear() {
        List<String> words = List.of("address", "protocols", "to", "forward");

        assertThat(Nearest.to("adress", words)).contains("address");
        assertThat(Nearest.to("Protocol", words)).contains("protocols");
        assertThat(Nearest.to("froward", words)).contains("forward");
        assertThat(Nearest.to("ot", words)).contains("to");
        assertThat(Nearest.to("zzz", words)).isEmpty();
        assertThat(Nearest.to("x".repeat(10_000), words)).isEmpty();
        assertThat(Nearest.edits("kitten", "sitting")).isEqualTo(3);
        assertThat(Nearest.edits("ab", "ba")).isEqualTo(1);
    }

    private Optional<Value.Fields> read(String text) {
        return Reader.read(text, ROOT, problems);
    }
}
