package dev.ugate.config.yaml;

import java.util.List;
import java.util.Map;

/** Writes maps, lists and scalars as block YAML that reads back the same. */
public final class Writer {
    private final StringBuilder out = new StringBuilder();

    private Writer() {}

    /** The text of a tree of {@code Map<String, ?>}, {@code List<?>}, numbers, booleans and anything else by {@code toString}. */
    public static String write(Map<String, ?> root) {
        Writer writer = new Writer();
        writer.map(root, 0, false);
        return writer.out.toString();
    }

    private void map(Map<?, ?> map, int depth, boolean inline) {
        boolean first = inline;
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            indent(first ? 0 : depth);
            first = false;
            out.append(entry.getKey()).append(':');
            value(entry.getValue(), depth + 1);
        }
    }

    private void value(Object value, int depth) {
        if (value instanceof Map<?, ?> map && !map.isEmpty()) {
            out.append('\n');
            map(map, depth, false);
        } else if (value instanceof List<?> list && list.stream().anyMatch(Map.class::isInstance)) {
            out.append('\n');
            for (Object item : list) {
                indent(depth);
                out.append("- ");
                block(item, depth + 1);
            }
        } else {
            out.append(' ').append(flow(value)).append('\n');
        }
    }

    private void block(Object item, int depth) {
        if (item instanceof Map<?, ?> map && !map.isEmpty()) {
            map(map, depth, true);
        } else {
            out.append(flow(item)).append('\n');
        }
    }

    private void indent(int depth) {
        out.append("  ".repeat(depth));
    }

    private static String flow(Object value) {
        if (value instanceof Map) {
            return "{}";
        }
        if (value instanceof List<?> list) {
            StringBuilder items = new StringBuilder("[");
            for (Object item : list) {
                items.append(items.length() > 1 ? ", " : "").append(flow(item));
            }
            return items.append(']').toString();
        }
        return value instanceof Number || value instanceof Boolean ? value.toString() : quoted(value.toString());
    }

    /** Plain only where no schema could read anything but text. */
    private static String quoted(String text) {
        boolean plain = !text.isEmpty()
                && Character.isLetter(text.charAt(0))
                && !text.matches("true|false|null|[.+-]?(inf|nan)");
        for (int i = 0; i < text.length() && plain; i++) {
            char c = text.charAt(i);
            plain = c < 0x7F && (Character.isLetterOrDigit(c) || "-_./".indexOf(c) >= 0);
        }
        if (plain) {
            return text;
        }
        StringBuilder out = new StringBuilder("\"");
        text.codePoints().forEach(c -> {
            if (c == '"' || c == '\\') {
                out.append('\\').append((char) c);
            } else if (c < 0x20 || c >= 0x7F) {
                out.append(String.format("\\U%08x", c));
            } else {
                out.append((char) c);
            }
        });
        return out.append('"').toString();
    }
}
