package dev.ugate.protocols.http.h2;

import dev.ugate.model.http.Fields;
import dev.ugate.protocols.http.h2.HeaderBlock.Pseudo;
import dev.ugate.protocols.http.h2.frame.Violation;
import dev.ugate.protocols.http.wire.Hop;
import dev.ugate.protocols.http.wire.Rejected;

/**
 * The head of one answer (RFC 9113 §8.3.2).
 *
 * @param announced its content-length, −1 without one
 */
record ReplyHead(int status, Fields fields, long announced) {
    private static final int SWITCHING = 101;

    /** Throws {@link Violation}. */
    static ReplyHead of(HeaderBlock block) {
        block.check();
        String text = block.value(Pseudo.STATUS);
        if (block.tooLarge() || text == null || !text.matches("[1-5][0-9][0-9]") || block.has(Pseudo.METHOD)) {
            throw HeaderBlock.malformed("reply: expected :status of 100 to 599");
        }
        int status = Integer.parseInt(text);
        if (status == SWITCHING) {
            throw HeaderBlock.malformed("status 101: expected none in HTTP/2");
        }
        Fields fields = block.fields();
        try {
            Hop hop = Hop.of(fields);
            Fields passing = hop.endToEnd(fields, name -> false, name -> false).build();
            return new ReplyHead(status, passing, hop.announced());
        } catch (Rejected rejected) {
            throw HeaderBlock.malformed("reply: " + rejected.why().text());
        }
    }

    boolean isInformational() {
        return status < 200;
    }

    /** Whether no body follows, whatever was announced (RFC 9110 §6.4.1). */
    boolean isBodiless(boolean toHead) {
        return toHead || status == 204 || status == 304;
    }
}
