package dev.ugate.config.yaml;

import dev.ugate.model.Refused;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.NodeType;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** Checks the nodes of a document against a {@link Kind} and keeps going after each problem. */
public final class Reader {
    /** Aliases can make a small file large; nobody writes a configuration of so many values. */
    private static final int MAX_VALUES = 1_000_000;

    private static final int QUOTED = 60;

    private final Problems problems;
    private int values;

    private Reader(Problems problems) {
        this.problems = problems;
    }

    /** The checked root; empty when there is no mapping to speak of. */
    public static Optional<Value.Fields> read(String text, Kind.Mapping kind, Problems problems) {
        return Document.parse(text, problems)
                .map(node -> new Reader(problems).value(node, kind, Place.FILE))
                .filter(Value.Fields.class::isInstance)
                .map(Value.Fields.class::cast);
    }

    private Value value(Node node, Kind kind, Place above) {
        Place place = here(node, above);
        if (++values > MAX_VALUES) {
            return broken(new Place(0, 0, ""), "more than " + MAX_VALUES + " values: expected fewer aliases");
        }
        if (!(node instanceof ScalarNode)
                && !node.getTag().equals(Tag.MAP)
                && !node.getTag().equals(Tag.SEQ)) {
            return broken(place, "tag " + shown(node.getTag().getValue()) + ": expected none");
        }
        if (kind instanceof Kind.Scalar scalar) {
            return scalar(node, scalar, place);
        }
        if (kind instanceof Kind.Word word) {
            return word(node, word, place);
        }
        if (kind instanceof Kind.Sequence sequence) {
            return node instanceof SequenceNode list
                    ? items(list, sequence.item(), sequence.mayBeEmpty(), place)
                    : broken(place, found(node) + ": expected a list");
        }
        if (kind instanceof Kind.OneOrMany many) {
            return node instanceof SequenceNode list
                    ? items(list, many.item(), false, place)
                    : value(node, many.item(), place);
        }
        if (kind instanceof Kind.Either either) {
            return value(node, node.getNodeType() == NodeType.MAPPING ? either.full() : either.brief(), place);
        }
        return node instanceof MappingNode mapping
                ? fields(mapping, (Kind.Mapping) kind, place)
                : broken(place, found(node) + ": expected a mapping");
    }

    private Value items(SequenceNode node, Kind item, boolean mayBeEmpty, Place place) {
        List<Value> items = new ArrayList<>();
        for (Node element : node.getValue()) {
            items.add(value(element, item, place.item(items.size())));
        }
        if (items.isEmpty() && !mayBeEmpty) {
            return broken(place, "empty list: expected one item or more");
        }
        return new Value.Items(place, items);
    }

    private Value fields(MappingNode node, Kind.Mapping kind, Place place) {
        Map<String, Value> fields = new LinkedHashMap<>();
        List<String> seen = new ArrayList<>();
        for (NodeTuple tuple : node.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode keyNode)) {
                problems.add(here(tuple.getKeyNode(), place), found(tuple.getKeyNode()) + ": expected a key");
                continue;
            }
            String name = keyNode.getValue();
            Place at = here(keyNode, place).key(shown(name));
            if (seen.contains(name)) {
                problems.add(at, "duplicate key: expected it once");
                continue;
            }
            Optional<Kind.Key> key =
                    find(kind.keys(), candidate -> candidate.name().equals(name));
            if (key.isPresent()) {
                seen.add(name);
                fields.put(name, known(tuple.getValueNode(), key.get(), at));
            } else {
                problems.add(at, "unknown key: " + meant(name, names(kind)));
                // The key that was meant is there, though misspelled: it is not reported as missing too.
                Nearest.to(name, names(kind)).ifPresent(near -> fields.putIfAbsent(near, new Value.Broken(at)));
            }
        }
        addMissing(fields, kind, place);
        return new Value.Fields(place, fields);
    }

    private void addMissing(Map<String, Value> fields, Kind.Mapping kind, Place place) {
        for (Kind.Key key : kind.keys()) {
            if (key.required() && !fields.containsKey(key.name())) {
                problems.add(place.key(key.name()), "missing: expected " + expected(key.kind()));
                fields.put(key.name(), new Value.Broken(place.key(key.name())));
            }
        }
    }

    private Value known(Node node, Kind.Key key, Place at) {
        return key.later().isEmpty() ? value(node, key.kind(), at) : broken(at, "not in this release: " + key.later());
    }

    private Value scalar(Node node, Kind.Scalar kind, Place place) {
        if (!(node instanceof ScalarNode scalar)
                || notation(scalar).filter(kind.notations()::contains).isEmpty()) {
            return broken(
                    place, found(node) + ": expected " + kind.expected() + (unquoted(node, kind) ? " in quotes" : ""));
        }
        Optional<Object> value = parsed(scalar, kind, why -> problems.add(place, why));
        return value.<Value>map(whole -> new Value.Scalar(place, whole)).orElseGet(() -> new Value.Broken(place));
    }

    /** Whether quotes are all that is missing, as in {@code name: 12}. */
    private static boolean unquoted(Node node, Kind.Scalar kind) {
        return node instanceof ScalarNode scalar
                && notation(scalar).isPresent()
                && kind.notations().contains(Kind.Notation.STRING)
                && parsed(scalar, kind, why -> {}).isPresent();
    }

    private static Optional<Object> parsed(ScalarNode node, Kind.Scalar kind, Consumer<String> problem) {
        try {
            return Optional.of(kind.parse().apply(node.getValue()));
        } catch (Refused e) {
            problem.accept(e.text());
        } catch (IllegalArgumentException | ArithmeticException e) {
            problem.accept(String.valueOf(e.getMessage()));
        }
        return Optional.empty();
    }

    private Value word(Node node, Kind.Word kind, Place place) {
        if (!(node instanceof ScalarNode scalar) || scalar.getTag().equals(Tag.NULL)) {
            return broken(place, found(node) + ": expected " + expected(kind));
        }
        String word = scalar.getValue();
        Object value = kind.values().get(word);
        if (value != null) {
            return new Value.Scalar(place, value);
        }
        String later = kind.later().get(word);
        return broken(
                place,
                later == null
                        ? "unknown word '" + shown(word) + "': " + meant(word, kind.words())
                        : word + ": not in this release: " + later);
    }

    private Value broken(Place place, String text) {
        problems.add(place, text);
        return new Value.Broken(place);
    }

    private static Place here(Node node, Place above) {
        Place place = Document.place(node.getStartMark());
        return above.at(place.line(), place.col());
    }

    private static Optional<Kind.Key> find(List<Kind.Key> keys, Predicate<Kind.Key> test) {
        return keys.stream().filter(test).findFirst();
    }

    private static List<String> names(Kind.Mapping kind) {
        return kind.keys().stream()
                .filter(key -> key.later().isEmpty())
                .map(Kind.Key::name)
                .toList();
    }

    private static String meant(String word, List<String> candidates) {
        return Nearest.to(word, candidates)
                .map(near -> "did you mean " + near + "?")
                .orElseGet(() -> "expected " + listed(candidates));
    }

    private static String expected(Kind kind) {
        if (kind instanceof Kind.Scalar scalar) {
            return scalar.expected();
        }
        if (kind instanceof Kind.Word word) {
            return listed(word.words());
        }
        return kind instanceof Kind.Mapping ? "a mapping" : "a list";
    }

    private static String listed(List<String> words) {
        int last = words.size() - 1;
        return last < 1 ? String.join("", words) : String.join(", ", words.subList(0, last)) + " or " + words.get(last);
    }

    private static Optional<Kind.Notation> notation(ScalarNode node) {
        Tag tag = node.getTag();
        if (tag.equals(Tag.STR)) {
            return Optional.of(Kind.Notation.STRING);
        }
        if (tag.equals(Tag.INT)) {
            return Optional.of(Kind.Notation.INTEGER);
        }
        return tag.equals(Tag.BOOL) ? Optional.of(Kind.Notation.BOOLEAN) : Optional.empty();
    }

    private static String found(Node node) {
        if (!(node instanceof ScalarNode scalar)) {
            return node.getNodeType() == NodeType.MAPPING ? "found a mapping" : "found a list";
        }
        if (scalar.getTag().equals(Tag.NULL)) {
            return "found nothing";
        }
        String type = notation(scalar)
                .map(n -> n == Kind.Notation.STRING ? "text" : n == Kind.Notation.INTEGER ? "number" : "")
                .orElse("");
        return "found " + (type.isEmpty() ? "" : type + " ") + "'" + shown(scalar.getValue()) + "'";
    }

    private static String shown(String text) {
        StringBuilder out = new StringBuilder();
        text.codePoints().limit(QUOTED).forEach(c -> out.appendCodePoint(c < 0x20 || c >= 0x7F && c < 0xA0 ? '?' : c));
        return out.append(text.length() > QUOTED ? "…" : "").toString();
    }
}
