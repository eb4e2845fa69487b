package dev.ugate.protocols.http.ws;

import io.netty.buffer.ByteBuf;

/** What a Close frame says (RFC 6455 §5.5.1). */
record CloseFrame(int code) {
    static final int NORMAL = 1000;
    static final int GOING_AWAY = 1001;

    /** Stands for a frame without a code (RFC 6455 §7.1.5). */
    static final int NONE = 1005;

    /** Reads a payload (borrowed); throws {@link Violation} 1002 or 1007. */
    static CloseFrame of(ByteBuf payload) {
        if (!payload.isReadable()) {
            return new CloseFrame(NONE);
        }
        if (payload.readableBytes() == 1) {
            throw Violation.protocol("close: expected a code of two octets");
        }
        int code = payload.getUnsignedShort(payload.readerIndex());
        if (!isSendable(code)) {
            throw Violation.protocol("close code " + code + ": expected a registered one");
        }
        Utf8 reason = new Utf8();
        if (!reason.accepts(payload.slice(payload.readerIndex() + 2, payload.readableBytes() - 2))
                || !reason.complete()) {
            throw Violation.of(Violation.NOT_UTF_8, "close: expected a reason in UTF-8");
        }
        return new CloseFrame(code);
    }

    /** Codes that may be sent (RFC 6455 §7.4, and the registry that it opened). */
    private static boolean isSendable(int code) {
        return code >= NORMAL && code <= 1003 || code >= 1007 && code <= 1014 || code >= 3000 && code <= 4999;
    }

    /** Whether the peer said all that it wanted to. */
    boolean isClean() {
        return code == NORMAL || code == GOING_AWAY || code == NONE;
    }
}
