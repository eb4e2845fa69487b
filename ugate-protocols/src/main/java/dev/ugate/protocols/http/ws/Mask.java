package dev.ugate.protocols.http.ws;

import io.netty.buffer.ByteBuf;

/** The masking of payloads (RFC 6455 §5.3), eight octets at a time. */
final class Mask {
    private Mask() {}

    /** Masks or unmasks what is readable, in place; the key for the octet after it is returned. */
    static int apply(ByteBuf payload, int key) {
        int at = payload.readerIndex();
        int end = payload.writerIndex();
        long wide = (long) key << 32 | key & 0xFFFFFFFFL;
        for (; end - at >= Long.BYTES; at += Long.BYTES) {
            payload.setLong(at, payload.getLong(at) ^ wide);
        }
        int next = key;
        for (; at < end; at++) {
            payload.setByte(at, payload.getByte(at) ^ next >>> 24);
            next = Integer.rotateLeft(next, 8);
        }
        return next;
    }
}
