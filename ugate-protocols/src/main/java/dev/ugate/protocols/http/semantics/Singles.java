package dev.ugate.protocols.http.semantics;

import dev.ugate.model.http.Fields;
import dev.ugate.protocols.http.wire.Rejected;

/** Request fields that hold one value: who repeats one wants two readers to see different ones (T44). */
final class Singles {
    private Singles() {}

    /** Throws {@link Rejected} 400 for the first one that is repeated. */
    static void check(Fields fields) {
        int seen = 0;
        for (int i = 0; i < fields.size(); i++) {
            int bit = bit(fields.name(i));
            if ((seen & bit) != 0) {
                throw Rejected.malformed("field " + fields.name(i) + ": expected once");
            }
            seen |= bit;
        }
    }

    private static int bit(String name) {
        return switch (name) {
            case "authorization" -> 1;
            case "content-length" -> 1 << 1;
            case "content-range" -> 1 << 2;
            case "content-type" -> 1 << 3;
            case "host" -> 1 << 4;
            case "if-modified-since" -> 1 << 5;
            case "if-range" -> 1 << 6;
            case "if-unmodified-since" -> 1 << 7;
            case "max-forwards" -> 1 << 8;
            case "origin" -> 1 << 9;
            case "proxy-authorization" -> 1 << 10;
            case "range" -> 1 << 11;
            case "referer" -> 1 << 12;
            default -> 0;
        };
    }
}
