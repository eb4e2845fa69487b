package dev.ugate.protocols.ssh.channel;

import java.time.Duration;

/**
 * What one connection may cost (L51, L52).
 *
 * @param channels that the peer may have open
 * @param requests beyond those that channels earn, within 10 s (T75)
 * @param window octets that the peer may send ahead on a channel at first
 * @param windowMost the same, once the channel's reader kept up
 * @param connectionWindow octets that the peer may send ahead on all channels together, but for the least that each has
 * @param keepAlive silence after which the peer is asked for a sign of life
 * @param patience how many of those it may owe
 */
public record Bounds(
        int channels,
        int requests,
        int window,
        int windowMost,
        int connectionWindow,
        Duration keepAlive,
        int patience) {
    public static final Bounds STANDARD =
            new Bounds(128, 100, 256 * 1024, 2 * 1024 * 1024, 32 * 1024 * 1024, Duration.ofSeconds(20), 3);
}
