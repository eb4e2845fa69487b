package dev.ugate.model;

import java.time.Duration;

/**
 * Every deadline, by the name of its config key under {@code timeouts}.
 *
 * @param sniff until a connection's protocol is known, absolute from accept (L10)
 * @param sniffGrace silence after which a listener's fallback is dialled
 * @param handshake until a protocol's or TLS handshake is complete (L12, L55)
 * @param requestHead until an HTTP request head is complete (L15)
 * @param keepAlive idle time between HTTP/1 requests (L20)
 * @param resolve one discovery of a target (L70)
 * @param connect one dial, with all its layers (L18)
 * @param idle no byte in either direction of a tunnel (L23)
 * @param halfClosed no byte after one direction of a tunnel ended (L24)
 * @param writeStall no progress of pending writes (L21)
 * @param lameDuck from the word to end until no new streams are taken; health checks hear of it at once
 * @param drain grace for live streams at shutdown and removal of a listener (L25)
 * @param exchange one request and its reply
 */
public record Timeouts(
        Duration sniff,
        Duration sniffGrace,
        Duration handshake,
        Duration requestHead,
        Duration keepAlive,
        Duration resolve,
        Duration connect,
        Duration idle,
        Duration halfClosed,
        Duration writeStall,
        Duration lameDuck,
        Duration drain,
        Exchange exchange) {
    /**
     * The deadlines of one HTTP request on its way out, keys like the others.
     *
     * @param request until the reply's end, zero for no limit
     * @param firstByte until a reply begins, once the request has gone out (L19)
     * @param bodyIdle a request's body without a byte (L16)
     * @param bodyGrace time that a request body may lose on its least rate (L17)
     * @param replyIdle a reply's body without a byte (L22)
     * @param upstreamIdle idle time of an upstream connection between requests (L20)
     */
    public record Exchange(
            Duration request,
            Duration firstByte,
            Duration bodyIdle,
            Duration bodyGrace,
            Duration replyIdle,
            Duration upstreamIdle) {
        public static final Exchange STANDARD = new Exchange(
                Duration.ZERO,
                Duration.ofSeconds(60),
                Duration.ofSeconds(60),
                Duration.ofSeconds(10),
                Duration.ofMinutes(5),
                Duration.ofSeconds(55));
    }

    public static final Timeouts STANDARD = new Timeouts(
            Duration.ofSeconds(5),
            Duration.ofMillis(200),
            Duration.ofSeconds(10),
            Duration.ofSeconds(10),
            Duration.ofSeconds(60),
            Duration.ofSeconds(5),
            Duration.ofSeconds(10),
            Duration.ofHours(1),
            Duration.ofSeconds(30),
            Duration.ofSeconds(60),
            Duration.ZERO,
            Duration.ofSeconds(30),
            Exchange.STANDARD);

    /** The same for one request and its reply, where one direction always ends long before the other: no limit of its own for that. */
    public Timeouts ofExchange() {
        return new Timeouts(
                sniff,
                sniffGrace,
                handshake,
                requestHead,
                keepAlive,
                resolve,
                connect,
                idle,
                idle,
                writeStall,
                lameDuck,
                drain,
                exchange);
    }
}
