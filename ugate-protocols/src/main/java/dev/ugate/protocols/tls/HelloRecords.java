package dev.ugate.protocols.tls;

import dev.ugate.model.Refused;
import io.netty.buffer.ByteBuf;
import java.util.Optional;

/**
 * Collects the first handshake message of a TLS connection from any number of records (RFC 8446 §5.1). Borrows, moves no index, and
 * copies only once all of it is there, so memory grows with the bytes received and never with the length that was claimed (T13).
 */
final class HelloRecords {
    private static final int HEADER = 5;
    private static final int MESSAGE_HEADER = 4;
    private static final int HANDSHAKE = 22;
    private static final int CLIENT_HELLO = 1;

    /** The largest plaintext record (RFC 8446 §5.1). */
    private static final int MOST_RECORD = 1 << 14;

    /** Tools that evade filters send records of one byte; nobody else sends more than a few. */
    private static final int MOST_RECORDS = 64;

    private HelloRecords() {}

    /**
     * The message without its header; empty when more bytes are needed. Throws {@link Refused} MALFORMED for anything that is no
     * ClientHello of at most {@code limit} bytes with its records.
     */
    static Optional<byte[]> collect(ByteBuf in, int limit) {
        int end = in.writerIndex();
        int at = in.readerIndex();
        int have = 0;
        int message = -1;
        for (int records = 0; message < 0 || have < message; records++) {
            if (end - at < HEADER) {
                prefix(in, at, end);
                return bounded(in, limit);
            }
            int length = record(in, at, records);
            at += HEADER;
            int part = Math.min(length, end - at);
            message = message < 0 ? message(in, have, part, limit) : message;
            have += part;
            at += part;
            if (part < length && (message < 0 || have < message)) {
                return bounded(in, limit);
            }
            if (message >= 0 && have - part + length > message) {
                throw Refused.malformed(
                        "client hello of " + message + " bytes: expected the end of its record behind it");
            }
        }
        return Optional.of(copy(in, message));
    }

    private static Optional<byte[]> bounded(ByteBuf in, int limit) {
        if (in.readableBytes() >= limit) {
            throw Refused.malformed(
                    "limit helloBytes: client hello in more than " + limit + " bytes of records: expected less");
        }
        return Optional.empty();
    }

    /** The part of a record header that is there must be right already. */
    private static void prefix(ByteBuf in, int at, int end) {
        if (at < end && in.getUnsignedByte(at) != HANDSHAKE || at + 1 < end && in.getUnsignedByte(at + 1) != 3) {
            throw Refused.malformed("record: expected a handshake record of TLS");
        }
    }

    private static int record(ByteBuf in, int at, int records) {
        int type = in.getUnsignedByte(at);
        int length = in.getUnsignedShort(at + 3);
        if (type != HANDSHAKE || in.getUnsignedByte(at + 1) != 3) {
            throw Refused.malformed("record type " + type + ": expected a handshake record of TLS");
        }
        if (length == 0 || length > MOST_RECORD) {
            throw Refused.malformed("record of " + length + " bytes: expected 1 to " + MOST_RECORD);
        }
        if (records == MOST_RECORDS) {
            throw Refused.malformed(
                    "limit helloBytes: client hello in more than " + MOST_RECORDS + " records: expected less");
        }
        return length;
    }

    /** The length of the message with its header once that header is complete, −1 before. */
    private static int message(ByteBuf in, int have, int part, int limit) {
        byte[] header = new byte[MESSAGE_HEADER];
        int known = gather(in, header, Math.min(have + part, MESSAGE_HEADER));
        if (known > 0 && header[0] != CLIENT_HELLO) {
            throw Refused.malformed("handshake message " + (header[0] & 0xFF) + ": expected a client hello");
        }
        if (known < MESSAGE_HEADER) {
            return -1;
        }
        int length = (header[1] & 0xFF) << 16 | (header[2] & 0xFF) << 8 | header[3] & 0xFF;
        if (length > limit - MESSAGE_HEADER - HEADER) {
            throw Refused.malformed(
                    "client hello of " + length + " bytes: expected at most " + (limit - MESSAGE_HEADER - HEADER));
        }
        return length + MESSAGE_HEADER;
    }

    private static byte[] copy(ByteBuf in, int message) {
        byte[] all = new byte[message];
        gather(in, all, message);
        byte[] body = new byte[message - MESSAGE_HEADER];
        System.arraycopy(all, MESSAGE_HEADER, body, 0, body.length);
        return body;
    }

    /** Copies the first {@code wanted} bytes of the records' contents, which are known to be there. */
    private static int gather(ByteBuf in, byte[] to, int wanted) {
        int at = in.readerIndex();
        int done = 0;
        while (done < wanted) {
            int part = Math.min(in.getUnsignedShort(at + 3), wanted - done);
            in.getBytes(at + HEADER, to, done, part);
            at += HEADER + part;
            done += part;
        }
        return done;
    }
}
