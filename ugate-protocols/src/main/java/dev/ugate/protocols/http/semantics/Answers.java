package dev.ugate.protocols.http.semantics;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.http.Fields;
import dev.ugate.model.http.ProxyError;
import dev.ugate.protocols.http.wire.HeadWriter;
import dev.ugate.protocols.http.wire.Reasons;
import dev.ugate.protocols.http.ws.WebSocketKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.time.Clock;

/** How refusals are said in HTTP: a status, the precise reason in Proxy-Status (RFC 9209), and one line of text. */
public final class Answers {
    private static final int MAX_DETAILS = 200;
    private static final int REQUEST_TIMEOUT = 408;
    private static final int UPGRADE_REQUIRED = 426;
    private static final int UNAUTHORIZED = 401;
    private static final int PROXY_AUTHENTICATION_REQUIRED = 407;
    static final String PROXY_STATUS = "proxy-status";
    private static final String CHALLENGE = "Basic realm=\"ugate\", charset=\"UTF-8\"";

    private static final HttpDate DATES = new HttpDate(Clock.systemUTC());

    private Answers() {}

    /** The time that an answer without a Date field gets (RFC 9110 §6.6.1). */
    public static String date() {
        return DATES.now();
    }

    /** The status of a refusal of a request, or of a CONNECT. */
    public static int status(Refusal reason, boolean tunnel) {
        return switch (reason) {
            case MALFORMED -> 400;
            case UNAUTHENTICATED -> PROXY_AUTHENTICATION_REQUIRED;
            case DENIED -> 403;
            case NO_ROUTE -> tunnel ? 403 : 404;
            case UNRESOLVED, UNREACHABLE, CONNECTION_REFUSED, UPSTREAM_IDENTITY -> 502;
            case TIMED_OUT -> 504;
            case OVERLOADED, DRAINING -> 503;
            case LOOP -> 508;
            case INTERNAL -> 500;
        };
    }

    /** The status of a refusal of a request: whoever does not know that this is a proxy cannot answer 407 (RFC 9110 §11.7.1). */
    public static int status(Refusal reason, RequestTarget target) {
        return reason == Refusal.UNAUTHENTICATED && !target.proxied() ? UNAUTHORIZED : status(reason, false);
    }

    /** The status of a refusal of a tunnel in the mesh: what ztunnel says, and expects. */
    public static int inMesh(Refusal reason) {
        return switch (reason) {
            case MALFORMED -> 400;
            case UNAUTHENTICATED, DENIED -> UNAUTHORIZED;
            case INTERNAL -> 500;
            case NO_ROUTE,
                    UNRESOLVED,
                    UNREACHABLE,
                    CONNECTION_REFUSED,
                    UPSTREAM_IDENTITY,
                    TIMED_OUT,
                    OVERLOADED,
                    DRAINING,
                    LOOP -> 503;
        };
    }

    /** The error type of RFC 9209 §2.3; a ugate in front maps it back. */
    static String error(int status, Refused why) {
        // The client was late, and nobody behind this hop.
        Refusal reason = status == REQUEST_TIMEOUT ? Refusal.MALFORMED : why.reason();
        return why.error().map(ProxyError::word).orElseGet(() -> error(reason));
    }

    private static String error(Refusal reason) {
        return switch (reason) {
            case MALFORMED -> "http_request_error";
            case UNAUTHENTICATED, DENIED -> "http_request_denied";
            case NO_ROUTE -> "destination_not_found";
            case UNRESOLVED -> "dns_error";
            case UNREACHABLE -> "destination_ip_unroutable";
            case CONNECTION_REFUSED -> "connection_refused";
            case TIMED_OUT -> "connection_timeout";
            case UPSTREAM_IDENTITY -> "tls_certificate_error";
            case OVERLOADED -> "connection_limit_reached";
            case LOOP -> "proxy_loop_detected";
            case DRAINING -> "destination_unavailable";
            case INTERNAL -> "proxy_internal_error";
        };
    }

    /** The precise reason alone, of a tunnel in the mesh. */
    public static Fields reasonAlone(Refused why) {
        return Fields.of(PROXY_STATUS, reason(inMesh(why.reason()), why));
    }

    /** The value of Proxy-Status. */
    static String reason(int status, Refused why) {
        return "ugate; error=" + error(status, why) + "; details=\"" + quoted(why.text()) + "\"";
    }

    /** The fields of a refusal, without framing; {@code others} go with them. */
    public static Fields fields(int status, Refused why, Fields others) {
        Fields.Builder fields = others.without(name -> false)
                .add(PROXY_STATUS, reason(status, why))
                .add("content-type", "text/plain; charset=utf-8");
        switch (status) {
            case PROXY_AUTHENTICATION_REQUIRED -> fields.add("proxy-authenticate", CHALLENGE);
            case UNAUTHORIZED -> fields.add("www-authenticate", CHALLENGE);
            case UPGRADE_REQUIRED ->
                fields.add("upgrade", WebSocketKey.PROTOCOL).add("sec-websocket-version", WebSocketKey.VERSION);
            default -> {}
        }
        return fields.build();
    }

    /** The body of a refusal, in ASCII. */
    public static String text(int status, Refused why) {
        return status + " " + Reasons.of(status) + ": " + plain(why.text()) + "\n";
    }

    /** A whole answer after which the connection closes, given away; {@code bodiless} where the request was HEAD (RFC 9112 §6.3). */
    public static ByteBuf last(ByteBufAllocator alloc, int status, Refused why, boolean bodiless) {
        String text = text(status, why);
        ByteBuf answer = HeadWriter.reply(alloc, status)
                .field("date", DATES.now())
                .fields(fields(status, why, Fields.NONE))
                .field("content-length", Integer.toString(text.length()))
                .field("connection", status == UPGRADE_REQUIRED ? "close, upgrade" : "close")
                .end();
        if (!bodiless) {
            ByteBufUtil.writeAscii(answer, text);
        }
        return answer;
    }

    private static String quoted(String text) {
        return plain(text).replace("\\", "\\\\").replace("\"", "\\\"");
    }

    private static String plain(String text) {
        StringBuilder out = new StringBuilder(bounded(text));
        for (int i = 0; i < out.length(); i++) {
            char c = out.charAt(i);
            out.setCharAt(i, c >= ' ' && c < 0x7F ? c : '?');
        }
        return out.toString();
    }

    /** As much of a text as is told. */
    static String bounded(String text) {
        return text.substring(0, Math.min(text.length(), MAX_DETAILS));
    }
}
