package dev.ugate.spi;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** Looks at the first bytes of a connection. Pure: borrows the buffer, moves no index, allocates nothing. */
@FunctionalInterface
public interface Sniffer {
    Sniffer NEVER = head -> Verdict.MISMATCH;

    /** {@code head} holds at least one byte; MORE means that more bytes can still change the answer. */
    Verdict peek(ByteBuf head);

    /** Matches a fixed ASCII prefix. */
    static Sniffer prefix(String ascii) {
        byte[] wanted = ascii.getBytes(StandardCharsets.US_ASCII);
        return head -> {
            int n = Math.min(wanted.length, head.readableBytes());
            for (int i = 0; i < n; i++) {
                if (head.getByte(head.readerIndex() + i) != wanted[i]) {
                    return Verdict.MISMATCH;
                }
            }
            return n == wanted.length ? Verdict.MATCH : Verdict.MORE;
        };
    }
}
