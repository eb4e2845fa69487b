package dev.ugate.model.http;

import dev.ugate.model.Bytes;
import java.time.Duration;

/**
 * What one connection of HTTP/2 may cost, by the name of its config key under {@code http2}.
 *
 * @param streams that the peer may have open (L35)
 * @param streamsOfLife that a connection may see before it ends with GOAWAY (L35)
 * @param resets that the peer sent or caused within 30 s (L36)
 * @param controlFrames beyond those that data earns, within 10 s (L37)
 * @param continuations frames of one header block after its first (L37)
 * @param emptyData frames without an octet in a row (L37)
 * @param headMemory decoded fields of all live streams
 * @param streamWindow octets that the peer may send ahead on a stream at first (L34)
 * @param streamWindowMost the same, once the stream's reader kept up (L30)
 * @param connectionWindow octets that the peer may send ahead on all streams together (L34)
 * @param frameBytes payload of a frame, received (L39)
 * @param tableBytes of field compression (L38)
 * @param idle time without a stream (L20)
 * @param age after which a connection takes no new stream (L28)
 */
public record Http2Limits(
        int streams,
        int streamsOfLife,
        int resets,
        int controlFrames,
        int continuations,
        int emptyData,
        Bytes headMemory,
        Bytes streamWindow,
        Bytes streamWindowMost,
        Bytes connectionWindow,
        Bytes frameBytes,
        Bytes tableBytes,
        Duration idle,
        Duration age) {
    public static final Http2Limits STANDARD = new Http2Limits(
            100,
            100_000,
            200,
            100,
            8,
            2,
            Bytes.kib(256),
            new Bytes(65_535),
            Bytes.kib(256),
            Bytes.kib(1024),
            Bytes.kib(16),
            Bytes.kib(4),
            Duration.ofMinutes(5),
            Duration.ofHours(24));
}
