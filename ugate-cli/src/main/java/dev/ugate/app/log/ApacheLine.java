package dev.ugate.app.log;

import dev.ugate.model.Identity;
import dev.ugate.model.Intent;
import dev.ugate.model.Ip;
import dev.ugate.model.Shape;
import dev.ugate.spi.Journal.Ended;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The Common and the Combined form of Apache: {@code %h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"}. A stream of bytes is
 * written as the CONNECT that it amounts to. Peers' words are escaped as Apache does, so that none begins a line or a column (T123).
 */
final class ApacheLine implements AccessLine {
    private static final String HEX = "0123456789abcdef";

    private final DateTimeFormatter time;
    private final boolean combined;

    /** {@code combined} adds Referer and User-Agent. */
    ApacheLine(ZoneId zone, boolean combined) {
        this.time = DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ROOT)
                .withZone(zone);
        this.combined = combined;
    }

    @Override
    public void write(StringBuilder out, Instant at, Ended stream) {
        Intent intent = stream.intent();
        out.append(host(intent)).append(" - ");
        escape(out, user(intent), true);
        out.append(" [").append(time.format(at.minus(stream.lasted()))).append("] \"");
        request(out, intent);
        out.append("\" ").append(Statuses.of(stream)).append(' ');
        if (stream.bytesOut() == 0) {
            out.append('-');
        } else {
            out.append(stream.bytesOut());
        }
        if (combined) {
            quoted(out, intent.fields().first("referer"));
            quoted(out, intent.fields().first("user-agent"));
        }
    }

    private static String host(Intent intent) {
        return intent.peer().remote() instanceof InetSocketAddress inet && !inet.isUnresolved()
                ? Ip.text(inet.getAddress())
                : "-";
    }

    private static String user(Intent intent) {
        String name = intent.peer().identity().map(Identity::name).orElse("-");
        return name.startsWith("user:") ? name.substring("user:".length()) : name;
    }

    private static void request(StringBuilder out, Intent intent) {
        if (AccessLog.isUnknown(intent)) {
            out.append('-');
            return;
        }
        Map<String, String> labels = intent.labels();
        boolean exchange = intent.shape() == Shape.MESSAGES;
        escape(out, exchange ? labels.getOrDefault("method", "-") : "CONNECT", true);
        out.append(' ');
        if (!exchange || "absolute".equals(labels.get("form"))) {
            escape(out, (exchange ? "http://" : "") + intent.target(), true);
        }
        escape(out, exchange ? labels.getOrDefault("path", "-") : "", true);
        String version = labels.get("version");
        out.append(' ');
        escape(out, version == null ? intent.protocol() : "HTTP/" + version, true);
    }

    private static void quoted(StringBuilder out, Optional<String> value) {
        out.append(" \"");
        // What a field holds is octets, each read as a character.
        escape(out, value.orElse("-").getBytes(StandardCharsets.ISO_8859_1), false);
        out.append('"');
    }

    private static void escape(StringBuilder out, String text, boolean column) {
        escape(out, text.getBytes(StandardCharsets.UTF_8), column);
    }

    /** As Apache: backslash before quote and backslash, {@code \xhh} for what is not visible ASCII; {@code column} for spaces too. */
    private static void escape(StringBuilder out, byte[] octets, boolean column) {
        for (byte octet : octets) {
            char c = (char) (octet & 0xFF);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ' || c >= 0x7F || c == ' ' && column) {
                out.append("\\x").append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 0xF));
            } else {
                out.append(c);
            }
        }
    }
}
