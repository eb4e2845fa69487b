package dev.ugate.config;

import dev.ugate.config.yaml.Kind;
import dev.ugate.config.yaml.Kind.Notation;
import dev.ugate.model.Bytes;
import dev.ugate.model.Cidr;
import dev.ugate.model.Glob;
import dev.ugate.model.HostPort;
import dev.ugate.model.Ip;
import dev.ugate.model.Peer;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** The forms of single values in ugate's configuration. */
final class Forms {
    static final Kind TEXT = Kind.string("text", "", text -> text);
    static final Kind PATH = Kind.string("a file name", ".+", Forms::path);
    static final Kind NAME = Kind.string("a name", "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", Forms::name);
    static final Kind HOST = Kind.string("a host name", "^[A-Za-z0-9._:-]+$", text -> new HostPort(text, 0).host());
    static final Kind IP = Kind.string("an address", "^[0-9A-Fa-f.:]+$", Forms::ip);
    static final Kind TARGET = Kind.string("host:port", "^.+:[0-9]{1,5}$", Forms::target);
    static final Kind GLOB = Kind.string("a name, *.domain or *", "", Glob::new);
    static final Kind CIDR = Kind.string("address/prefix", "", Cidr::parse);
    static final Kind PEER = Kind.string(
            "*, identified, local, unix, a cidr, spiffe://…, ssh:SHA256:…, key:… or user:NAME",
            "",
            Peer.Pattern::parse);
    static final Kind IDENTITY =
            Kind.string("spiffe://…, ssh:SHA256:… or key:…", "^(spiffe://|ssh:SHA256:|key:)[^*]+$", Forms::identity);
    static final Kind ADDRESS = Kind.string(
            "host:port, udp:host:port or unix:/path",
            "^(udp:.+:[0-9]{1,5}|unix:/.+|.+:[0-9]{1,5})$",
            ListenAddress::parse);
    static final Kind DESTINATION =
            Kind.string("host:port or unix:/path", "^(unix:/.+|.+:[0-9]{1,5})$", Forms::destination);
    static final Kind PROXY = Kind.string(UpstreamProxy.EXPECTED, "^(socks5|http)://.+$", UpstreamProxy::parse);
    static final Kind TIMEOUT = Kind.string(Durations.EXPECTED, Durations.FORM, Forms::timeout);
    static final Kind DELAY = Kind.string(Durations.EXPECTED, Durations.FORM, Durations::parse);
    static final Kind SIZE = new Kind.Scalar(
            "a size such as 512, 64KiB or 1MiB",
            Set.of(Notation.STRING, Notation.INTEGER),
            "^[0-9]{1,10} ?([KMG]i)?B?$",
            Forms::size);
    static final Kind FLAG = new Kind.Scalar("true or false", Set.of(Notation.BOOLEAN), "", Boolean::valueOf);
    static final Kind VERSION = new Kind.Scalar("1", Set.of(Notation.INTEGER), "", Forms::version);
    static final Kind PORT = count(1, 65535);
    static final Kind WEIGHT = count(0, 65535);

    private static final long MAX_SIZE = 1L << 30;

    private Forms() {}

    static Kind.Scalar count(int least, int most) {
        String expected = most == Integer.MAX_VALUE ? least + " or more" : least + " to " + most;
        return new Kind.Scalar(
                "a number of " + expected, Set.of(Notation.INTEGER), "", text -> number(text, least, most, expected));
    }

    /** A number, or {@code auto} for none. */
    static Kind.Scalar countOrAuto(int most) {
        return new Kind.Scalar(
                "auto or a number of 1 to " + most,
                Set.of(Notation.INTEGER, Notation.STRING),
                "^(auto|[0-9]+)$",
                text -> text.equals("auto") ? Integer.valueOf(0) : number(text, 1, most, "auto or 1 to " + most));
    }

    /** The constants of an enum, in lower case with {@code separator} for the underscore. */
    static <E extends Enum<E>> Kind.Word words(Class<E> type, String separator) {
        Map<String, Object> values = new HashMap<>();
        for (E constant : type.getEnumConstants()) {
            values.put(word(constant, separator), constant);
        }
        List<String> words = Stream.of(type.getEnumConstants())
                .map(constant -> word(constant, separator))
                .toList();
        return new Kind.Word(words, values, Map.of());
    }

    static String word(Enum<?> constant, String separator) {
        return constant.name().toLowerCase(Locale.ROOT).replace("_", separator);
    }

    static Kind many(Kind item) {
        return new Kind.OneOrMany(item);
    }

    private static Integer version(String text) {
        if (!text.equals("1")) {
            throw new IllegalArgumentException("version " + text + ": not known: expected 1");
        }
        return 1;
    }

    private static Integer number(String text, int least, int most, String expected) {
        long value = text.matches("[0-9]{1,10}") ? Long.parseLong(text) : -1;
        if (value < least || value > most) {
            throw new IllegalArgumentException("number " + text + ": expected " + expected);
        }
        return (int) value;
    }

    private static String path(String text) {
        if (text.isEmpty() || text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("file name: expected one character or more, and no NUL");
        }
        return text;
    }

    private static String name(String text) {
        if (!text.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,63}")) {
            throw new IllegalArgumentException(
                    "name '" + text + "': expected 1 to 64 letters, digits, '.', '_' or '-'");
        }
        return text;
    }

    private static InetAddress ip(String text) {
        return Ip.parse(text)
                .orElseThrow(() -> new IllegalArgumentException("address '" + text + "': expected a literal one"));
    }

    private static HostPort target(String text) {
        HostPort target = HostPort.parse(text);
        if (target.port() == 0) {
            throw new IllegalArgumentException("target '" + text + "': port 0: expected 1 to 65535");
        }
        return target;
    }

    private static String destination(String text) {
        return text.startsWith("unix:")
                ? "unix:" + ListenAddress.socketPath(text)
                : target(text).toString();
    }

    private static String identity(String text) {
        boolean exact = !text.startsWith("user:") && text.indexOf('*') < 0 && text.indexOf(':') > 0;
        Peer.Pattern pattern = exact ? Peer.Pattern.parse(text) : new Peer.Anyone();
        if (!exact || pattern instanceof Peer.Within) {
            throw new IllegalArgumentException(
                    "identity '" + text + "': expected spiffe://…, ssh:SHA256:… or key:…, without *");
        }
        return pattern.toString();
    }

    private static Duration timeout(String text) {
        Duration duration = Durations.parse(text);
        if (duration.isZero()) {
            throw new IllegalArgumentException("duration " + text + ": expected 1ms or more");
        }
        return duration;
    }

    private static Bytes size(String text) {
        Bytes size = Bytes.parse(text);
        if (size.count() < 1 || size.count() > MAX_SIZE) {
            throw new IllegalArgumentException("size " + text + ": expected 1B to 1GiB");
        }
        return size;
    }
}
