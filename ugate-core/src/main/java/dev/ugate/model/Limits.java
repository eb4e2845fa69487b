package dev.ugate.model;

import java.time.Duration;

/**
 * Every bound on what peers can make ugate hold, by the name of its config key under {@code limits}.
 *
 * @param connections of the process; 0 means 40 % of the file descriptors (L1)
 * @param fdReserve file descriptors kept free before accepting; 0 means the larger of 64 and 10 % (L2)
 * @param connectionsPerSource per IPv4 address or IPv6 /64 that is neither local nor a mesh peer (L3)
 * @param handshakes connections whose intent is not known yet (L4)
 * @param handshakesPerSource the same per source (L4)
 * @param acceptRate accepted connections a second and source, 0 for no limit (L6)
 * @param backlog of the listening socket (L6)
 * @param sniffBytes held while a protocol is being detected (L10)
 * @param helloBytes held of a TLS ClientHello (L11)
 * @param relayBuffer high-water mark of pending bytes in one direction (L30)
 * @param headBytes an HTTP head, names and values and 32 a field (L31)
 * @param headFields fields of an HTTP head (L32)
 * @param requestLine an HTTP request line (L33)
 * @param mqttConnect an MQTT CONNECT packet (L56)
 * @param udpFlows flows of one UDP client
 * @param streamRate streams a second of one identity or source, 0 for no limit
 * @param minBodyRate bytes a second of a request body that is waited for, 0 for no limit (L17)
 * @param upstream requests on their way out
 * @param webSocket WebSockets that end here
 */
public record Limits(
        int connections,
        int fdReserve,
        int connectionsPerSource,
        int handshakes,
        int handshakesPerSource,
        int acceptRate,
        int backlog,
        Bytes sniffBytes,
        Bytes helloBytes,
        Bytes relayBuffer,
        Bytes headBytes,
        int headFields,
        Bytes requestLine,
        Bytes mqttConnect,
        int udpFlows,
        int streamRate,
        int minBodyRate,
        Upstream upstream,
        WebSocket webSocket) {
    /**
     * The bounds on requests on their way out, keys like the others. Connections and waiting requests are counted by each loop for
     * itself, and for each set of requests that may share a connection.
     *
     * @param upstreamConnections to one upstream (L95)
     * @param upstreamPending requests that wait for a connection to one upstream (L95)
     * @param retries of one request (L29)
     * @param retryBudget retries under way in percent of the requests under way (L29)
     */
    public record Upstream(int upstreamConnections, int upstreamPending, int retries, int retryBudget) {
        public static final Upstream STANDARD = new Upstream(1024, 1024, 2, 20);
    }

    /**
     * The bounds on WebSockets that carry connections (L57), keys like the others; those that are relayed are not looked into.
     *
     * @param webSocketMessage octets of one message, and so of one frame
     * @param webSocketFragments frames of one message
     * @param webSocketPing silence after which the peer is asked for a sign of life; owing two ends the connection
     */
    public record WebSocket(Bytes webSocketMessage, int webSocketFragments, Duration webSocketPing) {
        public static final WebSocket STANDARD = new WebSocket(Bytes.kib(1024), 1024, Duration.ofSeconds(30));
    }

    public static final Limits STANDARD = new Limits(
            0,
            0,
            256,
            1000,
            32,
            0,
            4096,
            Bytes.kib(16),
            Bytes.kib(64),
            Bytes.kib(256),
            Bytes.kib(32),
            100,
            Bytes.kib(8),
            Bytes.kib(16),
            1024,
            0,
            240,
            Upstream.STANDARD,
            WebSocket.STANDARD);
}
