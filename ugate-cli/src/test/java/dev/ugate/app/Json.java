package dev.ugate.app;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A strict reader of JSON (RFC 8259), so that a test sees what every other reader would refuse. */
public final class Json {
    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    /** A map for an object; throws {@link IllegalArgumentException} for anything that is not exactly one JSON object. */
    @SuppressWarnings("unchecked") // keys of JSON objects are strings
    public static Map<String, Object> object(String text) {
        Json json = new Json(text.strip());
        Object value = json.value();
        if (json.at != json.text.length() || !(value instanceof Map)) {
            throw json.wrong("expected one object");
        }
        return (Map<String, Object>) value;
    }

    /** The objects in an array of an object. */
    @SuppressWarnings("unchecked") // the test names an array of objects
    public static List<Map<String, Object>> list(Map<String, Object> object, String name) {
        return (List<Map<String, Object>>) object.get(name);
    }

    private Object value() {
        char c = text.charAt(at);
        if (c == '{') {
            return map();
        }
        if (c == '[') {
            return array();
        }
        if (c == '"') {
            return string();
        }
        int end = at;
        while (end < text.length() && ",]}".indexOf(text.charAt(end)) < 0) {
            end++;
        }
        String word = text.substring(at, end);
        at = end;
        if (word.equals("true") || word.equals("false")) {
            return Boolean.valueOf(word);
        }
        if (!word.matches("-?(0|[1-9][0-9]*)(\\.[0-9]+)?")) {
            throw wrong("value " + word);
        }
        return Double.valueOf(word);
    }

    private Map<String, Object> map() {
        Map<String, Object> map = new LinkedHashMap<>();
        take('{');
        while (text.charAt(at) != '}') {
            if (!map.isEmpty()) {
                take(',');
            }
            String name = string();
            take(':');
            if (map.put(name, value()) != null) {
                throw wrong("name " + name + " twice");
            }
        }
        take('}');
        return map;
    }

    private List<Object> array() {
        List<Object> list = new ArrayList<>();
        take('[');
        while (text.charAt(at) != ']') {
            if (!list.isEmpty()) {
                take(',');
            }
            list.add(value());
        }
        take(']');
        return list;
    }

    private String string() {
        StringBuilder out = new StringBuilder();
        take('"');
        while (text.charAt(at) != '"') {
            char c = text.charAt(at++);
            if (c < 0x20) {
                throw wrong("control character " + (int) c);
            }
            out.append(c == '\\' ? escaped() : c);
        }
        take('"');
        return out.toString();
    }

    private char escaped() {
        char c = text.charAt(at++);
        if (c == 'u') {
            at += 4;
            return (char) Integer.parseInt(text.substring(at - 4, at), 16);
        }
        int known = "\"\\/bfnrt".indexOf(c);
        if (known < 0) {
            throw wrong("escape " + c);
        }
        return "\"\\/\b\f\n\r\t".charAt(known);
    }

    private void take(char expected) {
        if (text.charAt(at) != expected) {
            throw wrong("expected " + expected);
        }
        at++;
    }

    private IllegalArgumentException wrong(String what) {
        return new IllegalArgumentException("json at " + at + ": " + what + " in " + text);
    }
}
