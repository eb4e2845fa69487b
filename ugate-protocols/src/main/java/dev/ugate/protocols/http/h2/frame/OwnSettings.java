package dev.ugate.protocols.http.h2.frame;

import dev.ugate.model.Limits;

/** What this side's SETTINGS say (RFC 9113 §6.5.2, RFC 8441 §3). */
public record OwnSettings(Limits limits, boolean serves) {
    /** Of the connection, in octets. */
    public int connectionWindow() {
        return Math.max(limits.http2().http2ConnectionWindow().toInt(), PeerSettings.FIRST_WINDOW);
    }

    /** Of each stream, in octets; never less than what a peer takes for granted until it has read our settings. */
    public int streamWindow() {
        return Math.max(limits.http2().http2StreamWindow().toInt(), PeerSettings.FIRST_WINDOW);
    }

    /** What a stream's window may grow to, in octets. */
    public int streamWindowMost() {
        return Math.max(streamWindow(), limits.http2().http2StreamWindowMost().toInt());
    }

    /** In octets; what may be configured and what may be said differ (RFC 9113 §6.5.2). */
    public int maxFrame() {
        int configured = limits.http2().http2Frame().toInt();
        return Math.min(Math.max(configured, PeerSettings.LEAST_FRAME), PeerSettings.LARGEST_FRAME);
    }

    /** Says them, as the first words of the connection. */
    public void announce(FrameWriter out) {
        if (!serves) {
            Preface.say(out);
        }
        out.settings(
                PeerSettings.MAX_CONCURRENT_STREAMS,
                serves ? limits.http2().http2Streams() : 0,
                PeerSettings.INITIAL_WINDOW_SIZE,
                streamWindow(),
                PeerSettings.MAX_FRAME_SIZE,
                maxFrame(),
                PeerSettings.MAX_HEADER_LIST_SIZE,
                limits.headBytes().toInt(),
                serves ? PeerSettings.ENABLE_CONNECT_PROTOCOL : PeerSettings.ENABLE_PUSH,
                serves ? 1 : 0);
        int more = connectionWindow() - PeerSettings.FIRST_WINDOW;
        if (more > 0) {
            out.windowUpdate(0, more);
        }
    }
}
