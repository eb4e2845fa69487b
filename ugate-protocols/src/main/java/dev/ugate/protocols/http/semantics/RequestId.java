package dev.ugate.protocols.http.semantics;

import dev.ugate.model.http.Fields;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** The field {@code X-Request-Id}, by which logs find one request on all its hops: kept where it is one word, else made. */
public final class RequestId {
    private static final String NAME = "x-request-id";
    private static final int LONGEST = 128;

    private RequestId() {}

    static boolean isOurs(String name) {
        return name.equals(NAME);
    }

    /** The id in fields that went through here. */
    public static Optional<String> of(Fields fields) {
        return fields.first(NAME).filter(RequestId::isLegal);
    }

    /** Adds the id that the client {@code said}, or a new one where this hop {@code makes} them. */
    static void tell(Fields said, boolean makes, Fields.Builder out) {
        List<String> ids = said.all(NAME);
        if (ids.size() == 1 && isLegal(ids.get(0))) {
            out.lower(NAME, ids.get(0));
        } else if (makes) {
            ThreadLocalRandom random = ThreadLocalRandom.current();
            HexFormat hex = HexFormat.of();
            out.lower(NAME, hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong()));
        }
    }

    private static boolean isLegal(String id) {
        boolean legal = !id.isEmpty() && id.length() <= LONGEST;
        for (int i = 0; legal && i < id.length(); i++) {
            legal = id.charAt(i) > ' ' && id.charAt(i) < 0x7F;
        }
        return legal;
    }
}
