package dev.ugate.net.proxy;

import dev.ugate.model.HostPort;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.http.Fields;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A client of HTTP/1.1 CONNECT (RFC 9110 §9.3.6), with Basic credentials (RFC 7617) where a user is configured. */
final class ConnectDialogue implements ProxyDialogue {
    private static final String END = "\r\n\r\n";
    private static final int SWITCHING_PROTOCOLS = 101;

    private final HostPort target;
    private final Fields onward;
    private final Map<String, String> options;
    private final int maxHead;
    private int scanned;

    /** {@code onward} are fields that the proxy is told too. */
    ConnectDialogue(HostPort target, Fields onward, Map<String, String> options, int maxHead) {
        this.target = target;
        this.onward = onward;
        this.options = options;
        this.maxHead = maxHead;
    }

    @Override
    public ByteBuf hello(Channel proxy) {
        StringBuilder head = new StringBuilder("CONNECT ")
                .append(target)
                .append(" HTTP/1.1\r\nHost: ")
                .append(target)
                .append("\r\n");
        for (int i = 0; i < onward.size(); i++) {
            head.append(onward.name(i)).append(": ").append(onward.value(i)).append("\r\n");
        }
        String user = options.get("user");
        if (user != null) {
            if (user.indexOf(':') >= 0) {
                throw Refused.because(Refusal.DENIED, "user: expected no colon (RFC 7617)");
            }
            byte[] login = (user + ":" + options.getOrDefault("password", "")).getBytes(StandardCharsets.UTF_8);
            head.append("Proxy-Authorization: Basic ")
                    .append(Base64.getEncoder().encodeToString(login))
                    .append("\r\n");
        }
        return ByteBufUtil.writeAscii(proxy.alloc(), head.append("\r\n"));
    }

    /** 2xx: the tunnel begins behind the empty line, whatever Content-Length or Transfer-Encoding say. 1xx: another head follows. */
    @Override
    public boolean read(Channel proxy, ByteBuf in) {
        for (int length = head(in); length > 0; length = head(in)) {
            String head =
                    in.readCharSequence(length, StandardCharsets.ISO_8859_1).toString();
            scanned = 0;
            int status = status(head);
            List<String> errors = proxyStatus(head);
            if (status / 100 == 2) {
                return true;
            }
            if (status / 100 != 1 || status == SWITCHING_PROTOCOLS) {
                throw refused(status, errors);
            }
        }
        return false;
    }

    /** Bytes of the head with its empty line, 0 while that is not there. */
    private int head(ByteBuf in) {
        int start = in.readerIndex();
        int end = Math.min(in.readableBytes(), maxHead);
        for (int i = Math.max(scanned, END.length() - 1); i < end; i++) {
            if (in.getByte(start + i) == '\n'
                    && in.getByte(start + i - 1) == '\r'
                    && in.getByte(start + i - 2) == '\n'
                    && in.getByte(start + i - 3) == '\r') {
                return i + 1;
            }
        }
        scanned = end;
        if (in.readableBytes() >= maxHead) {
            throw strange("head of more than " + maxHead + " bytes: expected an end");
        }
        return 0;
    }

    private static int status(String head) {
        String line = head.substring(0, head.indexOf("\r\n"));
        boolean legal = line.length() >= 12
                && line.startsWith("HTTP/1.")
                && isDigit(line.charAt(7))
                && line.charAt(8) == ' '
                && isDigit(line.charAt(9))
                && isDigit(line.charAt(10))
                && isDigit(line.charAt(11))
                && (line.length() == 12 || line.charAt(12) == ' ');
        if (!legal) {
            throw strange("status line: expected HTTP/1.1 and three digits");
        }
        return Integer.parseInt(line.substring(9, 12));
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    /** The values of Proxy-Status; every other field is only looked at for its form (RFC 9112 §5). */
    private static List<String> proxyStatus(String head) {
        List<String> values = new ArrayList<>(1);
        int at = head.indexOf("\r\n") + 2;
        for (int end = head.indexOf("\r\n", at); end > at; end = head.indexOf("\r\n", at)) {
            String line = head.substring(at, end);
            int colon = line.indexOf(':');
            if (colon <= 0 || !isToken(line, colon) || hasControl(line)) {
                throw strange("field: expected a name, a colon and a value");
            }
            if (line.substring(0, colon).toLowerCase(Locale.ROOT).equals("proxy-status")) {
                values.add(line.substring(colon + 1));
            }
            at = end + 2;
        }
        return values;
    }

    private static boolean isToken(String line, int length) {
        for (int i = 0; i < length; i++) {
            if (line.charAt(i) <= ' ' || line.charAt(i) >= 0x7F) {
                return false;
            }
        }
        return true;
    }

    private static boolean hasControl(String line) {
        return line.indexOf('\r') >= 0 || line.indexOf('\n') >= 0 || line.indexOf('\0') >= 0;
    }

    private static Refused refused(int status, List<String> errors) {
        String text = "status " + status + (status == 407 ? ": proxy refuses our login" : ": expected 2xx");
        return ProxyStatus.named(status, errors).orElseGet(() -> Refused.because(ProxyStatus.reason(status), text));
    }

    /** The proxy's fault, not the client's. */
    private static Refused strange(String text) {
        return Refused.because(Refusal.UNREACHABLE, text);
    }
}
