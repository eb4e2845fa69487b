package dev.ugate.protocols.http.ws;

import io.netty.buffer.ByteBuf;

/** Whether octets that come in parts are UTF-8 (RFC 3629 §4): told at the first octet that cannot be. */
final class Utf8 {
    private int left;
    private int least = 0x80;
    private int most = 0xBF;

    /** False as soon as what was seen cannot become UTF-8. */
    boolean accepts(ByteBuf part) {
        for (int i = part.readerIndex(); i < part.writerIndex(); i++) {
            if (!accepts(part.getByte(i) & 0xFF)) {
                return false;
            }
        }
        return true;
    }

    /** Whether no sequence is open. */
    boolean complete() {
        return left == 0;
    }

    private boolean accepts(int octet) {
        if (left == 0) {
            return octet < 0x80 || begins(octet);
        }
        if (octet < least || octet > most) {
            return false;
        }
        left--;
        least = 0x80;
        most = 0xBF;
        return true;
    }

    /** The second octet of some sequences is bounded further: no overlong forms, no surrogates, nothing above U+10FFFF. */
    private boolean begins(int octet) {
        if (octet < 0xC2 || octet > 0xF4) {
            return false;
        }
        left = octet < 0xE0 ? 1 : octet < 0xF0 ? 2 : 3;
        switch (octet) {
            case 0xE0 -> least = 0xA0;
            case 0xED -> most = 0x9F;
            case 0xF0 -> least = 0x90;
            case 0xF4 -> most = 0x8F;
            default -> {}
        }
        return true;
    }
}
