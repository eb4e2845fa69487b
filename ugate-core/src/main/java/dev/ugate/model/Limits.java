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
 * @param http2 connections of HTTP/2
 * @param mesh connections of the mesh
 * @param reverse nodes that are reached through their own connections
 * @param webSocket WebSockets that end here
 * @param ssh connections of SSH
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
        Http2 http2,
        Mesh mesh,
        Reverse reverse,
        WebSocket webSocket,
        Ssh ssh) {
    /**
     * The bounds on requests on their way out, keys like the others. Connections and waiting requests are counted by each loop for
     * itself, and for each set of requests that may share a connection.
     *
     * @param upstreamConnections to one upstream (L95)
     * @param upstreamPending requests that wait for a connection to one upstream (L95)
     * @param retries of one request (L29)
     * @param retryBudget retries under way in percent of the requests under way (L29)
     * @param retryBody of one request, kept until its reply begins so that it can be sent again (L29)
     */
    public record Upstream(
            int upstreamConnections, int upstreamPending, int retries, int retryBudget, Bytes retryBody) {
        public static final Upstream STANDARD = new Upstream(1024, 1024, 2, 20, Bytes.kib(64));
    }

    /**
     * What one connection of HTTP/2 may cost, keys like the others.
     *
     * @param http2Streams that the peer may have open (L35)
     * @param http2StreamsOfLife that a connection may see before it ends (L35)
     * @param http2Resets streams that a client took back at once, before their answer, or broke a rule of, within 30 s (L36)
     * @param http2ControlFrames beyond those that data earns, within 10 s (L37)
     * @param http2Continuations frames of a header block after its first (L37)
     * @param http2EmptyData DATA frames without an octet in a row (L37)
     * @param http2HeadMemory decoded heads of all open streams
     * @param http2StreamWindow octets that the peer may send ahead on a stream at first, at least 65,535 (L34)
     * @param http2StreamWindowMost the same, once the stream's reader kept up (L30)
     * @param http2ConnectionWindow octets that a client may send ahead on all streams together, and an upstream while memory is short (L34)
     * @param http2Frame octets of a frame, at least 16,384 (L39)
     * @param http2Table octets of field compression (L38)
     * @param http2Idle time without a stream (L20)
     * @param http2Age after which a connection takes no new stream (L28)
     */
    public record Http2(
            int http2Streams,
            int http2StreamsOfLife,
            int http2Resets,
            int http2ControlFrames,
            int http2Continuations,
            int http2EmptyData,
            Bytes http2HeadMemory,
            Bytes http2StreamWindow,
            Bytes http2StreamWindowMost,
            Bytes http2ConnectionWindow,
            Bytes http2Frame,
            Bytes http2Table,
            Duration http2Idle,
            Duration http2Age) {
        public static final Http2 STANDARD = new Http2(
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

        /** The same for a connection inside another, which is as old. */
        Http2 lasting() {
            return new Http2(
                    http2Streams,
                    Integer.MAX_VALUE,
                    http2Resets,
                    http2ControlFrames,
                    http2Continuations,
                    http2EmptyData,
                    http2HeadMemory,
                    http2StreamWindow,
                    http2StreamWindowMost,
                    http2ConnectionWindow,
                    http2Frame,
                    http2Table,
                    FOREVER,
                    FOREVER);
        }

        private static final Duration FOREVER = Duration.ofDays(366);
    }

    /**
     * Where a connection of HTTP/2 that carries the tunnels of the mesh differs from others, keys like the others.
     *
     * @param meshStreams tunnels that one identity may have open, over all connections (L35)
     * @param meshStreamWindow octets that the peer may send ahead on a stream (L34)
     * @param meshConnectionWindow octets that the peer may send ahead on all streams together while memory is short (L34)
     * @param meshFrame octets of a frame that is taken; ztunnel sends 1 MiB
     * @param meshFrameSent octets of a frame that is sent, as far as the peer takes it (L39)
     * @param meshIdle time that a connection to a peer is kept without a stream
     * @param meshPing silence after which a peer is asked for a sign of life (L27)
     * @param meshPatience time that it has for that (L27)
     */
    public record Mesh(
            int meshStreams,
            Bytes meshStreamWindow,
            Bytes meshConnectionWindow,
            Bytes meshFrame,
            Bytes meshFrameSent,
            Duration meshIdle,
            Duration meshPing,
            Duration meshPatience) {
        public static final Mesh STANDARD = new Mesh(
                1000,
                Bytes.kib(4 * 1024),
                Bytes.kib(16 * 1024),
                Bytes.kib(1024),
                Bytes.kib(64),
                Duration.ofMinutes(5),
                Duration.ofSeconds(10),
                Duration.ofSeconds(20));

        Mesh pinging(Duration ping, Duration patience) {
            return new Mesh(
                    meshStreams,
                    meshStreamWindow,
                    meshConnectionWindow,
                    meshFrame,
                    meshFrameSent,
                    meshIdle,
                    ping,
                    patience);
        }
    }

    /**
     * The bounds on nodes that are reached through connections which they keep open to us, and on those connections.
     *
     * @param reverseNames that one identity may have
     * @param reverseTunnels that one identity may keep open
     * @param reversePing silence after which the far end is asked for a sign of life (L27)
     * @param reversePatience silence after which it is gone (L27)
     */
    public record Reverse(int reverseNames, int reverseTunnels, Duration reversePing, Duration reversePatience) {
        public static final Reverse STANDARD = new Reverse(64, 8, Duration.ofSeconds(2), Duration.ofSeconds(5));
    }

    /** The same for connections that keep a node reachable: they are looked after more closely, and end with nothing but their node. */
    public Limits reversed() {
        Duration ping = reverse.reversePing();
        Duration left = reverse.reversePatience().minus(ping);
        return new Limits(
                connections,
                fdReserve,
                connectionsPerSource,
                handshakes,
                handshakesPerSource,
                acceptRate,
                backlog,
                sniffBytes,
                helloBytes,
                relayBuffer,
                headBytes,
                headFields,
                requestLine,
                mqttConnect,
                udpFlows,
                streamRate,
                minBodyRate,
                upstream,
                http2.lasting(),
                mesh.pinging(ping, left.compareTo(ping) < 0 ? ping : left),
                reverse,
                webSocket,
                ssh);
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

    /**
     * The bounds on connections of SSH, keys like the others.
     *
     * @param sshGrace until a client has logged in (L50)
     * @param sshTries signatures of a client that prove nobody (L50)
     * @param sshChannels open at a time (L51)
     * @param sshRekeyBytes octets in one direction after which keys are exchanged again (L51)
     * @param sshRekeyTime time after which they are (L51)
     * @param sshPing silence after which the peer is asked for a sign of life (L51)
     * @param sshPatience silence after which it is gone (L51)
     * @param sshPacket octets of a packet (L52)
     * @param sshWindow octets that the peer may send ahead on a channel (L52)
     * @param sshCommands programs that sessions run at a time
     * @param sshCommandTime until such a program is ended
     */
    public record Ssh(
            Duration sshGrace,
            int sshTries,
            int sshChannels,
            Bytes sshRekeyBytes,
            Duration sshRekeyTime,
            Duration sshPing,
            Duration sshPatience,
            Bytes sshPacket,
            Bytes sshWindow,
            int sshCommands,
            Duration sshCommandTime) {
        public static final Ssh STANDARD = new Ssh(
                Duration.ofSeconds(30),
                3,
                128,
                Bytes.kib(1024 * 1024),
                Duration.ofHours(1),
                Duration.ofSeconds(20),
                Duration.ofSeconds(60),
                new Bytes(35_000),
                Bytes.kib(2 * 1024),
                32,
                Duration.ofHours(12));
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
            Http2.STANDARD,
            Mesh.STANDARD,
            Reverse.STANDARD,
            WebSocket.STANDARD,
            Ssh.STANDARD);
}
