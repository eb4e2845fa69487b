package dev.ugate.app;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A path and the parameters of its query string, percent-decoded. */
record Query(String path, Map<String, String> parameters) {
    static Query parse(String target) {
        int mark = target.indexOf('?');
        if (mark < 0) {
            return new Query(target, Map.of());
        }
        Map<String, String> parameters = new TreeMap<>();
        for (String pair : target.substring(mark + 1).split("&", 0)) {
            int equals = pair.indexOf('=');
            String name = equals < 0 ? pair : pair.substring(0, equals);
            parameters.put(decoded(name), equals < 0 ? "" : decoded(pair.substring(equals + 1)));
        }
        return new Query(target.substring(0, mark), parameters);
    }

    Optional<String> parameter(String name) {
        return Optional.ofNullable(parameters.get(name));
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            return text;
        }
    }
}
