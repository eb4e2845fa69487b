package dev.ugate.protocols.http;

import dev.ugate.spi.Sniffer;
import dev.ugate.spi.Verdict;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Knows HTTP/1 by a registered method and a space, or by any upper-case word whose line ends in {@code HTTP/1.x}; at most two empty
 * lines before it. The preface of HTTP/2 is no match, STOMP's {@code CONNECT} ends in LF, RTSP and SIP are told apart by the parser.
 */
final class HttpSniffer implements Sniffer {
    private static final int MAX_EMPTY_LINES = 2;
    private static final int MAX_METHOD = 24;
    private static final int MAX_LINE = 8 * 1024;
    private static final byte[] VERSION = " HTTP/1.".getBytes(StandardCharsets.US_ASCII);

    /** The methods that clients use on the open internet (RFC 9110 §9, RFC 5789, RFC 4918, RFC 3253). */
    private static final List<byte[]> METHODS = List.of(
                    "GET",
                    "HEAD",
                    "POST",
                    "PUT",
                    "DELETE",
                    "CONNECT",
                    "OPTIONS",
                    "TRACE",
                    "PATCH",
                    "PROPFIND",
                    "PROPPATCH",
                    "MKCOL",
                    "COPY",
                    "MOVE",
                    "LOCK",
                    "UNLOCK",
                    "REPORT",
                    "SEARCH")
            .stream()
            .map(method -> method.getBytes(StandardCharsets.US_ASCII))
            .toList();

    private static final Sniffer PREFACE = Sniffer.prefix("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

    @Override
    public Verdict peek(ByteBuf head) {
        Verdict preface = PREFACE.peek(head);
        return preface == Verdict.MISMATCH ? words(head) : preface;
    }

    private static Verdict words(ByteBuf head) {
        int at = head.readerIndex();
        int end = head.writerIndex();
        for (int line = 0; line < MAX_EMPTY_LINES && at < end && head.getByte(at) == '\r'; line++) {
            if (at + 1 < end && head.getByte(at + 1) != '\n') {
                return Verdict.MISMATCH;
            }
            at = Math.min(at + 2, end);
        }
        for (int i = at; i < end; i++) {
            byte octet = head.getByte(i);
            if (octet == ' ') {
                return i == at ? Verdict.MISMATCH : method(head, at, i - at);
            }
            boolean letter = octet >= 'A' && octet <= 'Z' || octet == '-';
            if (!letter || i - at == MAX_METHOD) {
                return Verdict.MISMATCH;
            }
        }
        return Verdict.MORE;
    }

    private static Verdict method(ByteBuf head, int from, int length) {
        for (byte[] method : METHODS) {
            if (method.length == length && equal(head, from, method)) {
                return Verdict.MATCH;
            }
        }
        int limit = Math.min(head.writerIndex(), from + MAX_LINE);
        int lf = head.indexOf(from, limit, (byte) '\n');
        if (lf < 0) {
            return limit - from == MAX_LINE ? Verdict.MISMATCH : Verdict.MORE;
        }
        // METHOD SP target SP HTTP/1.x CR LF
        int version = lf - 2 - VERSION.length;
        return version > from + length && equal(head, version, VERSION) ? Verdict.MATCH : Verdict.MISMATCH;
    }

    private static boolean equal(ByteBuf head, int from, byte[] wanted) {
        for (int i = 0; i < wanted.length; i++) {
            if (head.getByte(from + i) != wanted[i]) {
                return false;
            }
        }
        return true;
    }
}
