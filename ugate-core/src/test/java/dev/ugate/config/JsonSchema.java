package dev.ugate.config;

import dev.ugate.config.yaml.Kind;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Says in JSON Schema (2020-12) what the reader's table of keys says, for editors. */
final class JsonSchema {
    private JsonSchema() {}

    static String of(Kind.Mapping root) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.put("title", "ugate configuration");
        schema.putAll(object(root));
        return json(schema, 0) + "\n";
    }

    private static Map<String, Object> of(Kind kind) {
        if (kind instanceof Kind.Scalar scalar) {
            return scalar(scalar);
        }
        if (kind instanceof Kind.Word word) {
            return new LinkedHashMap<>(Map.of("enum", word.words()));
        }
        if (kind instanceof Kind.Sequence sequence) {
            return array(sequence.item(), sequence.mayBeEmpty() ? 0 : 1);
        }
        if (kind instanceof Kind.OneOrMany many) {
            return new LinkedHashMap<>(Map.of("anyOf", List.of(of(many.item()), array(many.item(), 1))));
        }
        if (kind instanceof Kind.Either either) {
            return new LinkedHashMap<>(Map.of("anyOf", List.of(of(either.brief()), object(either.full()))));
        }
        return object((Kind.Mapping) kind);
    }

    private static Map<String, Object> scalar(Kind.Scalar scalar) {
        Map<String, Object> out = new LinkedHashMap<>();
        List<String> types = scalar.notations().stream()
                .map(n -> n.name().toLowerCase(Locale.ROOT))
                .sorted()
                .toList();
        out.put("type", types.size() == 1 ? types.get(0) : types);
        if (!scalar.pattern().isEmpty()) {
            out.put("pattern", scalar.pattern());
        }
        out.put("description", scalar.expected());
        return out;
    }

    private static Map<String, Object> array(Kind item, int least) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("type", "array");
        out.put("items", of(item));
        if (least > 0) {
            out.put("minItems", least);
        }
        return out;
    }

    private static Map<String, Object> object(Kind.Mapping mapping) {
        Map<String, Object> properties = new LinkedHashMap<>();
        for (Kind.Key key : mapping.keys()) {
            if (key.later().isEmpty()) {
                Map<String, Object> property = of(key.kind());
                property.merge("description", key.doc(), (form, doc) -> doc + " (" + form + ")");
                properties.put(key.name(), property);
            }
        }
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("type", "object");
        out.put("additionalProperties", false);
        List<String> required = mapping.keys().stream()
                .filter(Kind.Key::required)
                .map(Kind.Key::name)
                .toList();
        if (!required.isEmpty()) {
            out.put("required", required);
        }
        out.put("properties", properties);
        return out;
    }

    private static String json(Object value, int depth) {
        String indent = "\n" + "  ".repeat(depth + 1);
        String end = "\n" + "  ".repeat(depth);
        if (value instanceof Map<?, ?> map) {
            StringBuilder out = new StringBuilder("{");
            map.forEach((key, item) -> out.append(out.length() > 1 ? "," : "")
                    .append(indent)
                    .append(json(key, 0))
                    .append(": ")
                    .append(json(item, depth + 1)));
            return out.append(map.isEmpty() ? "}" : end + "}").toString();
        }
        if (value instanceof List<?> list) {
            boolean flat = list.stream().noneMatch(Map.class::isInstance);
            StringBuilder out = new StringBuilder("[");
            for (Object item : list) {
                out.append(out.length() > 1 ? "," : "")
                        .append(flat ? (out.length() > 1 ? " " : "") : indent)
                        .append(json(item, depth + 1));
            }
            return out.append(flat ? "]" : end + "]").toString();
        }
        return value instanceof String text
                ? "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\""
                : String.valueOf(value);
    }
}
