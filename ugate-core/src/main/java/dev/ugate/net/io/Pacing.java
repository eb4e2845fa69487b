package dev.ugate.net.io;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.unix.RawUnixChannelOption;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Sockets that reach this machine itself do not pace what they send (ADR 0021). BBR paces each socket with a timer to what its path was
 * measured to carry; loopback has no path, and the timers' interrupts take a tenth of the CPU from a sidecar and its app.
 */
public final class Pacing {
    private static final Path SYSTEM = Path.of("/proc/sys/net/ipv4/tcp_congestion_control");

    /** Every kernel has it, and lets everybody choose it. */
    private static final byte[] UNPACED = "reno".getBytes(StandardCharsets.US_ASCII);

    /** IPPROTO_TCP and TCP_CONGESTION of Linux, {@code <netinet/tcp.h>}. */
    private static final RawUnixChannelOption CONGESTION =
            new RawUnixChannelOption("TCP_CONGESTION", 6, 13, UNPACED.length);

    private final boolean needed;

    private Pacing(boolean needed) {
        this.needed = needed;
    }

    /** Reads what the system chooses for its sockets; blocks. */
    public static Pacing ofSystem() {
        try {
            return new Pacing(isPaced(Files.readString(SYSTEM)));
        } catch (IOException noLinux) {
            return new Pacing(false);
        }
    }

    /** Whether this congestion control paces by itself. */
    static boolean isPaced(String congestionControl) {
        return congestionControl.startsWith("bbr");
    }

    /** Before the socket connects, or listens: what it was once, its connections' timers stay. */
    public void spare(Channel socket, SocketAddress address) {
        if (needed
                && address instanceof InetSocketAddress inet
                && !inet.isUnresolved()
                && inet.getAddress().isLoopbackAddress()) {
            try {
                socket.config().setOption(CONGESTION, ByteBuffer.wrap(UNPACED));
            } catch (ChannelException denied) {
                return; // an operator forbade it; it stays paced
            }
        }
    }
}
