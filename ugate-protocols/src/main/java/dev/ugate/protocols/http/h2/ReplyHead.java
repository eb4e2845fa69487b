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
        int status = text == null ? 0 : status(text);
        if (block.tooLarge() || status == 0 || block.has(Pseudo.METHOD)) {
            throw HeaderBlock.malformed("reply: expected :status of 100 to 599");
        }
        if (status == SWITCHING) {
            throw HeaderBlock.malformed("status 101: expected none in HTTP/2");
        }
        Fields fields = block.fields();
        try {
            Hop hop = Hop.of(fields);
            Fields passing = hop.endToEnd(fields);
            return new ReplyHead(status, passing, hop.announced());
        } catch (Rejected rejected) {
            throw HeaderBlock.malformed("reply: " + rejected.why().text());
        }
    }

    /** 100 to 599, or 0 for a text that is none of them. */
    private static int status(String text) {
        int status = 0;
        for (int i = 0; i < text.length(); i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9 || i == 3) {
                return 0;
            }
            status = status * 10 + digit;
        }
        return status >= 100 && status <= 599 ? status : 0;
    }

    boolean isInformational() {
        return status < 200;
    }

    /** Whether no body follows, whatever was announced (RFC 9110 §6.4.1). */
    boolean isBodiless(boolean toHead) {
        return toHead || status == 204 || status == 304;
    }
}
