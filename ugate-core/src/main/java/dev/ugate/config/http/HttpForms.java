package dev.ugate.config.http;

import dev.ugate.config.yaml.Kind;
import dev.ugate.config.yaml.Kind.Notation;
import dev.ugate.model.http.Fields;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The forms of single values that only HTTP has. */
final class HttpForms {
    static final String EXACT = "Exact";
    static final String PREFIX = "PathPrefix";
    static final String REGULAR = "RegularExpression";
    static final String FULL_PATH = "ReplaceFullPath";
    static final String PREFIX_MATCH = "ReplacePrefixMatch";

    static final Kind PATH_TYPE = Kind.words(List.of(PREFIX, EXACT, REGULAR), Map.of());
    static final Kind TEXT_TYPE = Kind.words(List.of(EXACT, REGULAR), Map.of());
    static final Kind CHANGE_TYPE = Kind.words(List.of(FULL_PATH, PREFIX_MATCH), Map.of());
    static final Kind SCHEME = Kind.words(List.of("http", "https"), Map.of());
    static final Kind TEXT = Kind.string("text", "", text -> text);
    static final Kind METHOD = Kind.string("a method such as GET", "^[A-Z][A-Z0-9-]{0,31}$", HttpForms::method);
    static final Kind METHOD_OR_ANY = Kind.string(
            "a method or *", "^(\\*|[A-Z][A-Z0-9-]{0,31})$", text -> text.equals("*") ? text : method(text));
    static final Kind PATH = Kind.string("a path such as /api", "^/", HttpForms::path);
    static final Kind REPLACEMENT =
            Kind.string("a path such as /v1, or empty", "^(/.*)?$", text -> text.isEmpty() ? text : path(text));
    static final Kind NAME = Kind.string("a field name", "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$", HttpForms::name);
    static final Kind EDITED = Kind.string("a field name", "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$", HttpForms::edited);
    static final Kind SESSION =
            Kind.string("a cookie or field name", "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$", HttpForms::session);
    static final Kind NAME_OR_ANY = Kind.string("a field name or *", "", HttpForms::name);
    static final Kind VALUE = Kind.string("a field value", "^([!-~]([ -~]*[!-~])?)?$", HttpForms::value);
    static final Kind ORIGIN = Kind.string("* or scheme://host[:port]", "^(\\*|https?://[^/]+)$", HttpForms::origin);
    static final Kind MEDIA_TYPE = Kind.string("a media type such as text/*", "^[^/ ]+/[^/ ]+$", HttpForms::mediaType);
    static final Kind FLAG = new Kind.Scalar("true or false", Set.of(Notation.BOOLEAN), "", Boolean::valueOf);
    static final Kind REDIRECT_STATUS = number("301, 302, 303, 307 or 308", Set.of(301, 302, 303, 307, 308), 0, 0);

    private static final int LONGEST = 4096;

    /** Beside those of one hop only: what frames a message, or is the proxy's own to say. */
    private static final Set<String> OURS = Set.of("content-length", "expect", "trailer", "via");

    private HttpForms() {}

    static Kind count(int least, int most) {
        return number(least + " to " + most, Set.of(), least, most);
    }

    private static Kind number(String expected, Set<Integer> legal, int least, int most) {
        return new Kind.Scalar("a number of " + expected, Set.of(Notation.INTEGER), "", text -> {
            int value = text.matches("[0-9]{1,9}") ? Integer.parseInt(text) : -1;
            if (legal.isEmpty() ? value < least || value > most : !legal.contains(value)) {
                throw new IllegalArgumentException("number " + text + ": expected " + expected);
            }
            return value;
        });
    }

    private static String method(String text) {
        if (!text.matches("[A-Z][A-Z0-9-]{0,31}") || text.equals("CONNECT")) {
            throw new IllegalArgumentException("method '" + text + "': expected capitals such as GET, and not CONNECT");
        }
        return text;
    }

    /** As a request's path looks once it is canonical, or it would never fit. */
    static String path(String text) {
        boolean plain = text.matches("/[!-~]{0," + (LONGEST - 1) + "}")
                && !text.matches(".*[?#\\\\\\[\\]{}|\"<>^`].*")
                && !text.contains("//");
        if (!plain || (text + "/").contains("/./") || (text + "/").contains("/../")) {
            throw new IllegalArgumentException("path '" + text
                    + "': expected / and visible ASCII, without //, /./, /../, " + "query and fragment");
        }
        for (int at = text.indexOf('%'); at >= 0; at = text.indexOf('%', at + 1)) {
            if (!isCanonical(text, at)) {
                throw new IllegalArgumentException(
                        "path '" + text + "': escape at " + at + ": expected only those that are needed, as %E4");
            }
        }
        return text;
    }

    private static boolean isCanonical(String text, int at) {
        if (at + 2 >= text.length() || !text.substring(at + 1, at + 3).matches("[0-9A-F]{2}")) {
            return false;
        }
        int octet = Integer.parseInt(text.substring(at + 1, at + 3), 16);
        return octet != 0 && "/\\-._~".indexOf(octet) < 0 && !(octet < 0x80 && Character.isLetterOrDigit(octet));
    }

    private static String name(String text) {
        String name = text.toLowerCase(Locale.ROOT);
        if (!text.matches("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,256}")) {
            throw new IllegalArgumentException("name '" + text + "': expected a field name");
        }
        if (name.equals("host")) {
            throw new IllegalArgumentException("name host: expected match.host, or urlRewrite.hostname");
        }
        return name;
    }

    private static String edited(String text) {
        String name = name(text);
        if (OURS.contains(name) || Fields.isHopByHop(name)) {
            throw new IllegalArgumentException("name " + name + ": is the proxy's own: expected an end-to-end field");
        }
        return name;
    }

    /** Cookies know upper and lower case apart. */
    private static String session(String text) {
        edited(text);
        return text;
    }

    private static String value(String text) {
        if (!text.matches("[ -~\\t]{0," + LONGEST + "}") || !text.equals(text.strip())) {
            throw new IllegalArgumentException("value of " + text.length()
                    + " characters: expected visible ASCII without line ends, and no space around it");
        }
        return text;
    }

    /** As a browser says it: without the port that the scheme implies. */
    private static String origin(String text) {
        if (!text.equals("*")
                && !text.matches("https?://(\\*|(\\*\\.)?[A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+])(:[0-9]{1,5})?")) {
            throw new IllegalArgumentException("origin '" + text + "': expected * or scheme://host[:port]");
        }
        return text.toLowerCase(Locale.ROOT).replaceFirst("^(http://.*):80$|^(https://.*):443$", "$1$2");
    }

    private static String mediaType(String text) {
        if (!text.matches("[A-Za-z0-9!#$&^_.+-]+/([A-Za-z0-9!#$&^_.+-]+|\\*)")) {
            throw new IllegalArgumentException("type '" + text + "': expected a media type such as text/*");
        }
        return text.toLowerCase(Locale.ROOT);
    }
}
