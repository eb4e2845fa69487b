package dev.ugate.protocols.http.h2.frame;

import dev.ugate.model.Bytes;
import dev.ugate.model.Limits;

/**
 * What this side's SETTINGS say (RFC 9113 §6.5.2, RFC 8441 §3), and what it sends.
 *
 * @param mesh whether the connection carries the tunnels of the mesh
 * @param tight whether memory is short, so that windows begin at their smallest
 */
public record OwnSettings(Limits limits, boolean serves, boolean mesh, boolean tight) {
    /**
     * Whether streams of many readers share the connection: to an upstream, or in the mesh. There one that does not read must not hold up
     * the others, which have their own windows; where a peer that we serve sends more than is read, it holds up itself.
     */
    public boolean shared() {
        return mesh || !serves;
    }

    /** Of the connection at first, in octets. */
    public int connectionWindow() {
        return tight ? PeerSettings.FIRST_WINDOW : connectionWindowMost();
    }

    /** The same once its readers kept up. */
    public int connectionWindowMost() {
        Bytes window =
                mesh ? limits.mesh().meshConnectionWindow() : limits.http2().http2ConnectionWindow();
        return Math.max(window.toInt(), PeerSettings.FIRST_WINDOW);
    }

    /** Of each stream at first, in octets; never less than what a peer takes for granted until it has read our settings. */
    public int streamWindow() {
        Bytes window = mesh ? limits.mesh().meshStreamWindow() : limits.http2().http2StreamWindow();
        return tight ? PeerSettings.FIRST_WINDOW : Math.max(window.toInt(), PeerSettings.FIRST_WINDOW);
    }

    /** What a stream's window may grow to, in octets. */
    public int streamWindowMost() {
        Bytes window = mesh ? limits.mesh().meshStreamWindow() : limits.http2().http2StreamWindowMost();
        return Math.max(streamWindow(), window.toInt());
    }

    /** In octets; what may be configured and what may be said differ (RFC 9113 §6.5.2). */
    public int maxFrame() {
        return legal(mesh ? limits.mesh().meshFrame() : limits.http2().http2Frame());
    }

    /** Octets of the payload of a frame that is sent, whatever larger ones the peer takes. In the mesh, with its head it fills TLS records. */
    public int sentFrame() {
        return mesh ? legal(limits.mesh().meshFrameSent()) - Frame.HEAD : maxFrame();
    }

    private static int legal(Bytes configured) {
        return Math.min(Math.max(configured.toInt(), PeerSettings.LEAST_FRAME), PeerSettings.LARGEST_FRAME);
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
