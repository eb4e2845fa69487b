package dev.ugate.config.yaml;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** The form of one value: what the reader accepts and the JSON Schema says. */
public sealed interface Kind {
    /** How the value is written in YAML. */
    enum Notation {
        STRING,
        INTEGER,
        BOOLEAN
    }

    /**
     * Anything on one line.
     *
     * @param expected ends the sentence {@code expected …}
     * @param pattern a regular expression for editors, empty for none; the reader uses {@code parse}
     * @param parse to the value; throws {@link IllegalArgumentException} or {@link dev.ugate.model.Refused} with a full sentence
     */
    record Scalar(String expected, Set<Notation> notations, String pattern, Function<String, ?> parse) implements Kind {
        public Scalar {
            notations = Set.copyOf(notations);
        }
    }

    /**
     * One of a closed set of words.
     *
     * @param words in the order of the documentation, to their values
     * @param later words that a later release brings, to what brings them
     */
    record Word(List<String> words, Map<String, ?> values, Map<String, String> later) implements Kind {
        public Word {
            words = List.copyOf(words);
            values = Map.copyOf(values);
            later = Map.copyOf(later);
        }
    }

    /** A list, empty only where allowed. */
    record Sequence(Kind item, boolean mayBeEmpty) implements Kind {}

    /** One item, or a list of them that is not empty. */
    record OneOrMany(Kind item) implements Kind {}

    /** A short form on one line, or the long form with keys. */
    record Either(Kind brief, Mapping full) implements Kind {}

    /** Keys with values. */
    record Mapping(List<Key> keys) implements Kind {
        public Mapping {
            keys = List.copyOf(keys);
        }
    }

    /**
     * One key of a mapping.
     *
     * @param doc one line for the reader of the schema
     * @param later what brings this key when it is not in this release, else empty
     */
    record Key(String name, Kind kind, boolean required, String doc, String later) {
        public Key asRequired() {
            return new Key(name, kind, true, doc, later);
        }
    }

    static Key key(String name, Kind kind, String doc) {
        return new Key(name, kind, false, doc, "");
    }

    /** A key that is known but not in this release. */
    static Key later(String name, String bringer) {
        return new Key(name, new Mapping(List.of()), false, "not in this release: " + bringer, bringer);
    }

    static Mapping mapping(Key... keys) {
        return new Mapping(List.of(keys));
    }

    static Scalar string(String expected, String pattern, Function<String, ?> parse) {
        return new Scalar(expected, Set.of(Notation.STRING), pattern, parse);
    }

    /** Words that stand for themselves. */
    static Word words(List<String> words, Map<String, String> later) {
        Map<String, String> values = new HashMap<>();
        words.forEach(word -> values.put(word, word));
        return new Word(words, values, later);
    }
}
