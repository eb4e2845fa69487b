package dev.ugate.protocols.http.h2.frame;

import dev.ugate.model.http.Fields;
import dev.ugate.protocols.http.hpack.HpackEncoder;
import dev.ugate.protocols.http.wire.Tokens;

/** Writes head blocks: answers, requests, trailers. */
public final class HeadWriting {
    private static final String[] STATUS = new String[600];

    static {
        for (int i = 100; i < STATUS.length; i++) {
            STATUS[i] = Integer.toString(i);
        }
    }

    private HeadWriting() {}

    /** Whether the fields can be sent (T41). */
    public static boolean isLegal(Fields fields) {
        for (int i = 0; i < fields.size(); i++) {
            if (!Tokens.isToken(fields.name(i)) || !Tokens.isFieldValue(fields.value(i))) {
                return false;
            }
        }
        return true;
    }

    /** Begins an answer. */
    public static HpackEncoder answer(FrameWriter out, int status) {
        HpackEncoder block = out.encoder();
        block.begin();
        block.field(":status", STATUS[status]);
        return block;
    }

    public static void fields(HpackEncoder block, Fields fields) {
        for (int i = 0; i < fields.size(); i++) {
            block.field(fields.name(i), fields.value(i));
        }
    }

    public static void trailers(FrameWriter out, int stream, Fields trailers) {
        HpackEncoder block = out.encoder();
        block.begin();
        fields(block, trailers);
        out.headers(stream, true);
    }
}
