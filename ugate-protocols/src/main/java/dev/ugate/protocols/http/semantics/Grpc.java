package dev.ugate.protocols.http.semantics;

import dev.ugate.model.Refused;
import dev.ugate.model.http.Fields;
import dev.ugate.model.http.ProxyError;
import java.nio.charset.StandardCharsets;

/** Calls of gRPC, and how a refusal of one is told: by a head alone (gRPC over HTTP/2, Trailers-Only), which any client of gRPC can read. */
public final class Grpc {
    /** Of the head that tells a refusal: what failed is the call, and HTTP carried that. */
    public static final int STATUS = 200;

    private static final String MEDIA_TYPE = "application/grpc";
    private static final int REQUEST_TIMEOUT = 408;
    private static final String UNAVAILABLE = Integer.toString(Code.UNAVAILABLE);

    private Grpc() {}

    /** Whether fields are those of a call; the media type of gRPC-Web is another. */
    public static boolean isCall(Fields fields) {
        return fields.first("content-type").filter(Grpc::isMediaType).isPresent();
    }

    private static boolean isMediaType(String type) {
        int end = MEDIA_TYPE.length();
        return type.regionMatches(true, 0, MEDIA_TYPE, 0, end)
                && (type.length() == end || "+;".indexOf(type.charAt(end)) >= 0);
    }

    /** Whether a reply that is a head alone says of a call what 503 says of another request. */
    public static boolean isUnavailable(Fields fields) {
        return isCall(fields)
                && fields.first("grpc-status").filter(UNAVAILABLE::equals).isPresent();
    }

    /** The fields of a refusal that another request would hear with {@code status}. */
    public static Fields refusal(int status, Refused why) {
        return new Fields.Builder()
                .add("content-type", MEDIA_TYPE)
                .add("grpc-status", Integer.toString(code(status, why)))
                .add("grpc-message", encoded(Answers.bounded(why.text())))
                .add(Answers.PROXY_STATUS, Answers.reason(status, why))
                .build();
    }

    /**
     * The code that a client makes of an HTTP status itself (doc/http-grpc-status-mapping.md of gRPC). Not so when a call ran into a
     * limit after it was sent, or sends too slowly: UNAVAILABLE invites to send it again, and it may have been acted on, so that it
     * is DEADLINE_EXCEEDED, as linkerd2-proxy says.
     */
    static int code(int status, Refused why) {
        if (status == REQUEST_TIMEOUT
                || why.error().filter(ProxyError.HTTP_RESPONSE_TIMEOUT::equals).isPresent()) {
            return Code.DEADLINE_EXCEEDED;
        }
        return switch (status) {
            case 400 -> Code.INTERNAL;
            case 401 -> Code.UNAUTHENTICATED;
            case 403 -> Code.PERMISSION_DENIED;
            case 404 -> Code.UNIMPLEMENTED;
            case 429, 502, 503, 504 -> Code.UNAVAILABLE;
            default -> Code.UNKNOWN;
        };
    }

    /** Percent-encoded UTF-8, without space at its ends (RFC 9113 §8.2.1). */
    private static String encoded(String text) {
        StringBuilder out = new StringBuilder();
        for (byte octet : text.strip().getBytes(StandardCharsets.UTF_8)) {
            if (octet >= ' ' && octet <= '~' && octet != '%') {
                out.append((char) octet);
            } else {
                out.append(String.format("%%%02X", octet));
            }
        }
        return out.toString();
    }

    /** The codes of gRPC that refusals come to (doc/statuscodes.md). */
    private static final class Code {
        static final int UNKNOWN = 2;
        static final int DEADLINE_EXCEEDED = 4;
        static final int PERMISSION_DENIED = 7;
        static final int UNIMPLEMENTED = 12;
        static final int INTERNAL = 13;
        static final int UNAVAILABLE = 14;
        static final int UNAUTHENTICATED = 16;
    }
}
