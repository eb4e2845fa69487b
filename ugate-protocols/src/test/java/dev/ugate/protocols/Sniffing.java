package dev.ugate.protocols;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.spi.Protocol;
import dev.ugate.spi.Verdict;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Optional;

/** Detection as the detector does it, byte by byte, on an ordered list of protocols. */
final class Sniffing {
    private Sniffing() {}

    /** The verdict on the first {@code length} bytes, which stand behind others that were read before; no index moves. */
    static Verdict peek(Protocol protocol, byte[] head, int length) {
        ByteBuf bytes = Unpooled.buffer(length + 3)
                .writeZero(3)
                .writeBytes(head, 0, length)
                .skipBytes(3);
        Verdict verdict = protocol.sniffer().peek(bytes);
        assertThat(bytes.readerIndex())
                .as("%s: reader index after peek", protocol.name())
                .isEqualTo(3);
        assertThat(bytes.writerIndex())
                .as("%s: writer index after peek", protocol.name())
                .isEqualTo(3 + length);
        return verdict;
    }

    /** The word that wins when the bytes come one at a time. */
    static Optional<String> detect(List<Protocol> registry, byte[] head) {
        for (int length = 1; length <= head.length; length++) {
            for (Protocol protocol : registry) {
                Verdict verdict = peek(protocol, head, length);
                if (verdict == Verdict.MATCH) {
                    return Optional.of(protocol.name());
                }
                if (verdict == Verdict.MORE) {
                    break;
                }
            }
        }
        return Optional.empty();
    }
}
