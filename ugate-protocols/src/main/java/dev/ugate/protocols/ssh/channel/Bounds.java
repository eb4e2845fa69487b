package dev.ugate.protocols.ssh.channel;

import dev.ugate.model.Limits;
import java.time.Duration;

/**
 * What one connection may cost (L51, L52).
 *
 * @param channels that the peer may have open
 * @param requests beyond those that channels earn, within 10 s (T75)
 * @param window octets that the peer may send ahead on a channel at first
 * @param windowMost the same, once the channel's reader kept up
 * @param connectionWindow octets that the peer may send ahead on all channels together, but for the least that each has
 */
public record Bounds(int channels, int requests, int window, int windowMost, int connectionWindow, Pace pace) {
    private static final int REQUESTS = 100;

    /** What a channel may have at first: enough for what is near, and little enough for all of them at once. */
    private static final int WINDOW = 256 * 1024;

    /** As many bytes as the channels may hold that a peer may have by default, at first. */
    private static final int CONNECTION_WINDOW = 32 * 1024 * 1024;

    public static final Bounds STANDARD = of(Limits.Ssh.STANDARD);

    /** What an operator lets a connection cost. */
    public static Bounds of(Limits.Ssh limits) {
        int most = (int) Math.min(limits.sshWindow().count(), Integer.MAX_VALUE / 4);
        return new Bounds(
                limits.sshChannels(),
                REQUESTS,
                Math.min(WINDOW, most),
                most,
                CONNECTION_WINDOW,
                Pace.of(limits.sshPing(), limits.sshPatience(), "sshPatience"));
    }

    /**
     * How closely a peer is looked after.
     *
     * @param every silence after which it is asked for a sign of life
     * @param patience how many of those it may owe
     * @param limit the key of what it then went over
     */
    public record Pace(Duration every, int patience, String limit) {
        /** Of a connection that keeps a node reachable (L27). */
        public static Pace of(Limits.Reverse limits) {
            Duration left = limits.reversePatience().minus(limits.reversePing());
            return of(limits.reversePing(), left, "reversePatience");
        }

        private static Pace of(Duration every, Duration patience, String limit) {
            long owed = patience.toMillis() / Math.max(1, every.toMillis());
            return new Pace(every, (int) Math.max(1, owed), limit);
        }
    }
}
