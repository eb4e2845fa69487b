package dev.ugate.protocols.http.ws;

import dev.ugate.model.http.Fields;
import dev.ugate.protocols.http.wire.Rejected;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/** What a client of HTTP/1.1 sends so that only a server that speaks WebSocket can answer (RFC 6455 §1.3). */
public record WebSocketKey(String text) {
    /** The word in Upgrade and in {@code :protocol}. */
    public static final String PROTOCOL = "websocket";

    public static final String VERSION = "13";

    /** Fields of the handshake that end with this hop: each version of HTTP, and each connection, has its own. */
    public static final Set<String> OF_THE_HOP = Set.of("sec-websocket-key", "sec-websocket-accept");

    private static final int UPGRADE_REQUIRED = 426;
    private static final int OCTETS = 16;
    private static final String SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    /** A new key for a request of our own; random, but no secret (RFC 6455 §4.1), and SecureRandom may block. */
    public static WebSocketKey fresh() {
        byte[] octets = new byte[OCTETS];
        ThreadLocalRandom.current().nextBytes(octets);
        return new WebSocketKey(Base64.getEncoder().encodeToString(octets));
    }

    /** The key among the fields of a request; throws {@link Rejected} 426 for another version, 400 without one key of 16 octets. */
    public static WebSocketKey of(Fields fields) {
        if (!fields.all("sec-websocket-version").equals(List.of(VERSION))) {
            throw Rejected.with(UPGRADE_REQUIRED, "field sec-websocket-version: expected " + VERSION);
        }
        List<String> keys = fields.all("sec-websocket-key");
        if (keys.size() != 1 || !is16Octets(keys.get(0))) {
            throw Rejected.malformed("field sec-websocket-key: expected 16 octets in base64, once");
        }
        return new WebSocketKey(keys.get(0));
    }

    private static boolean is16Octets(String text) {
        try {
            return Base64.getDecoder().decode(text).length == OCTETS && text.endsWith("==");
        } catch (IllegalArgumentException noBase64) {
            return false;
        }
    }

    /** What the server answers with. */
    public String accept() {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-1").digest((text + SUFFIX).getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException(missing);
        }
    }

    /** Whether a reply's fields prove that the server understood this key. */
    public boolean isAcceptedBy(Fields fields) {
        return fields.all("sec-websocket-accept").equals(List.of(accept()));
    }
}
