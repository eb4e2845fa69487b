package dev.ugate.config;

import dev.ugate.model.Limits;
import dev.ugate.model.Timeouts;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * One key of {@code timeouts} or {@code limits}: the table behind the reader, the schema and {@code docs/limits.md}.
 *
 * @param id of reliability's list of limits, {@code -} where it has none
 * @param value of the key in a set of bounds: a Duration, Bytes or an Integer
 */
public record Bound<T>(String key, String id, Function<T, Object> value, String doc) {
    private static final String LATE = "ugate_streams_total{outcome=\"timed_out\"}";
    private static final String SSH = "ugate_connections_failed_total{protocol=\"ssh\"}";
    private static final String HTTP = "ugate_connections_failed_total{protocol=\"http\"}";

    /** Bounds that refuse nothing by themselves, or are counted by another name. */
    private static final Map<String, String> ELSEWHERE = Map.ofEntries(
            Map.entry("sniffGrace", "ugate_detected_total{protocol=\"tcp\"}"),
            Map.entry("requestHead", HTTP),
            Map.entry("keepAlive", "-"),
            Map.entry("lameDuck", "-"),
            Map.entry("drain", "-"),
            Map.entry("request", LATE),
            Map.entry("firstByte", LATE),
            Map.entry("bodyIdle", LATE),
            Map.entry("bodyGrace", "-"),
            Map.entry("replyIdle", LATE),
            Map.entry("upstreamIdle", "-"),
            Map.entry("retries", "-"),
            Map.entry("retryBudget", "-"),
            Map.entry("retryBody", "ugate_upstream_body_not_kept_total"),
            Map.entry("connections", "ugate_limit_used{limit=\"connections\"}"),
            Map.entry("fdReserve", "ugate_limit{limit=\"connections\"}"),
            Map.entry("backlog", "-"),
            Map.entry("relayBuffer", "-"),
            Map.entry("headBytes", HTTP),
            Map.entry("headFields", HTTP),
            Map.entry("requestLine", HTTP),
            Map.entry("http2StreamsOfLife", "-"),
            Map.entry("http2StreamWindow", "-"),
            Map.entry("http2StreamWindowMost", "-"),
            Map.entry("http2ConnectionWindow", "-"),
            Map.entry("http2Frame", "-"),
            Map.entry("http2Table", "-"),
            Map.entry("http2Idle", "-"),
            Map.entry("http2Age", "-"),
            Map.entry("meshStreamWindow", "-"),
            Map.entry("meshConnectionWindow", "-"),
            Map.entry("meshFrame", "-"),
            Map.entry("meshFrameSent", "-"),
            Map.entry("meshIdle", "-"),
            Map.entry("meshPing", "-"),
            Map.entry("reversePing", "-"),
            Map.entry("sshGrace", SSH),
            Map.entry("sshTries", SSH),
            Map.entry("sshChannels", "-"),
            Map.entry("sshRekeyBytes", "-"),
            Map.entry("sshRekeyTime", "-"),
            Map.entry("sshPing", "-"),
            Map.entry("sshPacket", SSH),
            Map.entry("sshWindow", "-"));

    /** Every deadline. */
    public static final List<Bound<Timeouts>> TIMEOUTS = List.of(
            new Bound<>(
                    "sniff", "L10", Timeouts::sniff, "until a connection's protocol is known, absolute from accept"),
            new Bound<>(
                    "sniffGrace", "-", Timeouts::sniffGrace, "silence after which a listener's fallback is dialled"),
            new Bound<>(
                    "handshake", "L12, L55", Timeouts::handshake, "until a protocol's or TLS handshake is complete"),
            new Bound<>("requestHead", "L15", Timeouts::requestHead, "until an HTTP request head is complete"),
            new Bound<>("keepAlive", "L20", Timeouts::keepAlive, "idle time between HTTP/1 requests"),
            new Bound<>("resolve", "L70", Timeouts::resolve, "one discovery of a target"),
            new Bound<>("connect", "L18", Timeouts::connect, "one dial, with all its layers"),
            new Bound<>("idle", "L23", Timeouts::idle, "no byte in either direction of a tunnel"),
            new Bound<>("halfClosed", "L24", Timeouts::halfClosed, "no byte after one direction of a tunnel ended"),
            new Bound<>("writeStall", "L21", Timeouts::writeStall, "no progress of pending writes"),
            new Bound<>(
                    "lameDuck",
                    "-",
                    Timeouts::lameDuck,
                    "at shutdown, until no new streams are taken: not ready, and still serving whoever has not heard"),
            new Bound<>("drain", "L25", Timeouts::drain, "grace for live streams at shutdown or removal of a listener"),
            new Bound<>(
                    "request",
                    "-",
                    t -> t.exchange().request(),
                    "an HTTP request until its reply's end; 0s is no limit"),
            new Bound<>(
                    "firstByte", "L19", t -> t.exchange().firstByte(), "until a reply begins, once the request is out"),
            new Bound<>("bodyIdle", "L16", t -> t.exchange().bodyIdle(), "a request's body without a byte"),
            new Bound<>(
                    "bodyGrace",
                    "L17",
                    t -> t.exchange().bodyGrace(),
                    "what a request's body may lose on limits.minBodyRate"),
            new Bound<>("replyIdle", "L22", t -> t.exchange().replyIdle(), "a reply's body without a byte"),
            new Bound<>(
                    "upstreamIdle",
                    "L20",
                    t -> t.exchange().upstreamIdle(),
                    "an upstream connection between requests"));

    /** Every other bound. */
    public static final List<Bound<Limits>> LIMITS = List.of(
            new Bound<>("connections", "L1", Limits::connections, "of the process; 0 is 40 % of the file descriptors"),
            new Bound<>(
                    "fdReserve", "L2", Limits::fdReserve, "file descriptors kept free; 0 is the larger of 64 and 10 %"),
            new Bound<>("connectionsPerSource", "L3", Limits::connectionsPerSource, "per IPv4 address or IPv6 /64"),
            new Bound<>("handshakes", "L4", Limits::handshakes, "connections whose intent is not known yet"),
            new Bound<>("handshakesPerSource", "L4", Limits::handshakesPerSource, "the same, per source"),
            new Bound<>(
                    "acceptRate", "L6", Limits::acceptRate, "accepted connections a second and source; 0 is no limit"),
            new Bound<>("backlog", "L6", Limits::backlog, "of a listening socket"),
            new Bound<>("sniffBytes", "L10", Limits::sniffBytes, "held while a protocol is being detected"),
            new Bound<>("helloBytes", "L11", Limits::helloBytes, "held of a TLS ClientHello"),
            new Bound<>(
                    "relayBuffer",
                    "L30",
                    Limits::relayBuffer,
                    "high-water mark of pending bytes in one direction; at most 16KiB, and 64KiB unsent in the kernel, until a client took 1MiB"),
            new Bound<>("headBytes", "L31", Limits::headBytes, "an HTTP head: names, values, and 32 a field"),
            new Bound<>("headFields", "L32", Limits::headFields, "fields of an HTTP head"),
            new Bound<>("requestLine", "L33", Limits::requestLine, "an HTTP request line"),
            new Bound<>("mqttConnect", "L56", Limits::mqttConnect, "an MQTT CONNECT packet"),
            new Bound<>("udpFlows", "-", Limits::udpFlows, "flows of one UDP client"),
            new Bound<>(
                    "streamRate", "-", Limits::streamRate, "streams a second of one identity or source; 0 is no limit"),
            new Bound<>(
                    "minBodyRate",
                    "L17",
                    Limits::minBodyRate,
                    "bytes a second of a request's body while it is waited for; 0 is no limit"),
            new Bound<>(
                    "upstreamConnections",
                    "L95",
                    l -> l.upstream().upstreamConnections(),
                    "connections for requests to one upstream, per loop"),
            new Bound<>(
                    "upstreamPending",
                    "L95",
                    l -> l.upstream().upstreamPending(),
                    "requests that wait for a connection to one upstream, per loop"),
            new Bound<>("retries", "L29", l -> l.upstream().retries(), "of one HTTP request"),
            new Bound<>(
                    "retryBudget",
                    "L29",
                    l -> l.upstream().retryBudget(),
                    "retries in percent of the requests under way"),
            new Bound<>(
                    "retryBody",
                    "L29",
                    l -> l.upstream().retryBody(),
                    "of a request, kept until its reply begins so that it can be sent again"),
            new Bound<>(
                    "http2Streams",
                    "L35",
                    l -> l.http2().http2Streams(),
                    "streams that the peer of an HTTP/2 connection may have open"),
            new Bound<>(
                    "http2StreamsOfLife",
                    "L35",
                    l -> l.http2().http2StreamsOfLife(),
                    "streams of an HTTP/2 connection before it ends with GOAWAY"),
            new Bound<>(
                    "http2Resets",
                    "L36",
                    l -> l.http2().http2Resets(),
                    "streams that a client took back at once, before their answer, or broke a rule of, within 30s"),
            new Bound<>(
                    "http2ControlFrames",
                    "L37",
                    l -> l.http2().http2ControlFrames(),
                    "frames within 10s that carry nothing, beyond those that data earns"),
            new Bound<>(
                    "http2Continuations",
                    "L37",
                    l -> l.http2().http2Continuations(),
                    "frames of a header block after its first"),
            new Bound<>(
                    "http2EmptyData", "L37", l -> l.http2().http2EmptyData(), "DATA frames without an octet in a row"),
            new Bound<>(
                    "http2HeadMemory",
                    "T54",
                    l -> l.http2().http2HeadMemory(),
                    "decoded heads of all open streams of a connection; more are refused"),
            new Bound<>(
                    "http2StreamWindow",
                    "L34",
                    l -> l.http2().http2StreamWindow(),
                    "what a peer may send ahead on a stream at first; at least 65535"),
            new Bound<>(
                    "http2StreamWindowMost",
                    "L30",
                    l -> l.http2().http2StreamWindowMost(),
                    "the same, once the stream's reader kept up"),
            new Bound<>(
                    "http2ConnectionWindow",
                    "L34",
                    l -> l.http2().http2ConnectionWindow(),
                    "what a client may send ahead on all streams together, and an upstream while memory is short"),
            new Bound<>(
                    "http2Frame", "L39", l -> l.http2().http2Frame(), "a frame of HTTP/2, both ways; at least 16KiB"),
            new Bound<>("http2Table", "L38", l -> l.http2().http2Table(), "field compression"),
            new Bound<>(
                    "http2Idle",
                    "L20",
                    l -> l.http2().http2Idle(),
                    "an HTTP/2 connection of a client without a stream"),
            new Bound<>(
                    "http2Age",
                    "L28",
                    l -> l.http2().http2Age(),
                    "after which an HTTP/2 connection takes no new stream"),
            new Bound<>(
                    "meshStreams",
                    "L35",
                    l -> l.mesh().meshStreams(),
                    "tunnels that one identity may have open, over all its connections"),
            new Bound<>(
                    "meshStreamWindow",
                    "L34",
                    l -> l.mesh().meshStreamWindow(),
                    "what a peer of the mesh may send ahead in a tunnel"),
            new Bound<>(
                    "meshConnectionWindow",
                    "L34",
                    l -> l.mesh().meshConnectionWindow(),
                    "the same in all tunnels of a connection together, while memory is short"),
            new Bound<>("meshFrame", "-", l -> l.mesh().meshFrame(), "a frame that is taken from a peer of the mesh"),
            new Bound<>(
                    "meshFrameSent",
                    "L39",
                    l -> l.mesh().meshFrameSent(),
                    "a frame that is sent to a peer of the mesh, as far as it takes that"),
            new Bound<>(
                    "meshIdle", "L20", l -> l.mesh().meshIdle(), "a connection to a peer of the mesh without a tunnel"),
            new Bound<>(
                    "meshPing",
                    "L27",
                    l -> l.mesh().meshPing(),
                    "silence after which a peer of the mesh is asked for a sign of life"),
            new Bound<>("meshPatience", "L27", l -> l.mesh().meshPatience(), "time that it has for that"),
            new Bound<>(
                    "reverseNames",
                    "-",
                    l -> l.reverse().reverseNames(),
                    "names that one identity may be reached by through its own connections"),
            new Bound<>(
                    "reverseTunnels",
                    "-",
                    l -> l.reverse().reverseTunnels(),
                    "connections that one identity may keep open to be reached through"),
            new Bound<>(
                    "reversePing",
                    "L27",
                    l -> l.reverse().reversePing(),
                    "silence on such a connection after which a sign of life is asked for"),
            new Bound<>(
                    "reversePatience",
                    "L27",
                    l -> l.reverse().reversePatience(),
                    "silence on such a connection after which it is gone; what nodes on SSH have to go elsewhere when we leave"),
            new Bound<>(
                    "webSocketMessage",
                    "L57",
                    l -> l.webSocket().webSocketMessage(),
                    "a message, or a frame, of a WebSocket that carries a connection"),
            new Bound<>(
                    "webSocketFragments", "L57", l -> l.webSocket().webSocketFragments(), "frames of such a message"),
            new Bound<>(
                    "webSocketPing",
                    "L57",
                    l -> l.webSocket().webSocketPing(),
                    "silence before a ping; a peer that owes two is gone"),
            new Bound<>("sshGrace", "L50", l -> l.ssh().sshGrace(), "until an SSH client has logged in"),
            new Bound<>("sshTries", "L50", l -> l.ssh().sshTries(), "signatures of an SSH client that prove nobody"),
            new Bound<>("sshChannels", "L51", l -> l.ssh().sshChannels(), "open channels of an SSH connection"),
            new Bound<>(
                    "sshRekeyBytes",
                    "L51",
                    l -> l.ssh().sshRekeyBytes(),
                    "in one direction of SSH, after which keys are exchanged again"),
            new Bound<>("sshRekeyTime", "L51", l -> l.ssh().sshRekeyTime(), "the same as a time"),
            new Bound<>(
                    "sshPing",
                    "L51",
                    l -> l.ssh().sshPing(),
                    "silence of an SSH peer after which it is asked for a sign of life"),
            new Bound<>(
                    "sshPatience", "L51", l -> l.ssh().sshPatience(), "silence of an SSH peer after which it is gone"),
            new Bound<>("sshPacket", "L52", l -> l.ssh().sshPacket(), "a packet of SSH; at least 35000"),
            new Bound<>("sshWindow", "L52", l -> l.ssh().sshWindow(), "what an SSH peer may send ahead on a channel"),
            new Bound<>("sshCommands", "-", l -> l.ssh().sshCommands(), "programs that sessions of SSH run at a time"),
            new Bound<>("sshCommandTime", "-", l -> l.ssh().sshCommandTime(), "until a program of a session is ended"));

    /** The metric that counts how often it was met; {@code -} where meeting it is no event. */
    public String metric() {
        return ELSEWHERE.getOrDefault(key, "ugate_limit_hit_total{limit=\"" + key + "\"}");
    }
}
