package dev.ugate.net.io;

import dev.ugate.model.Ip;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.unix.RawUnixChannelOption;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/** Where an accepted socket was going to before the kernel's REDIRECT, as its connection tracking remembers it. */
public final class OriginalDestination {
    // Values of Linux, <linux/in.h>, <linux/netfilter_ipv4.h> and <linux/netfilter_ipv6/ip6_tables.h>.
    private static final int SOL_IP = 0;
    private static final int SOL_IPV6 = 41;
    private static final int SO_ORIGINAL_DST = 80;

    private static final int PORT_AT = 2;

    /** {@code struct sockaddr_in}: family, port, address, padding. */
    private static final int V4_SIZE = 16;

    private static final int V4_AT = 4;

    /** {@code struct sockaddr_in6}: family, port, flow label, address, scope. */
    private static final int V6_SIZE = 28;

    private static final int V6_AT = 8;

    private static final RawUnixChannelOption V4 =
            new RawUnixChannelOption("SO_ORIGINAL_DST", SOL_IP, SO_ORIGINAL_DST, V4_SIZE);
    private static final RawUnixChannelOption V6 =
            new RawUnixChannelOption("IP6T_SO_ORIGINAL_DST", SOL_IPV6, SO_ORIGINAL_DST, V6_SIZE);

    private OriginalDestination() {}

    /** Asks the kernel; throws {@link Refused} for a connection that it does not know, or an I/O backend that cannot ask. */
    public static InetSocketAddress of(Channel accepted) {
        // A socket that speaks both families has tracked IPv4 under IPv4.
        boolean four = accepted.remoteAddress() instanceof InetSocketAddress remote
                && remote.getAddress() instanceof Inet4Address;
        ByteBuffer answer;
        try {
            answer = accepted.config().getOption(four ? V4 : V6);
        } catch (ChannelException unknown) {
            throw Refused.because(Refusal.NO_ROUTE, "capture: not redirected: " + reason(unknown));
        }
        if (answer == null) {
            throw Refused.because(Refusal.INTERNAL, "capture: this I/O backend cannot tell the destination");
        }
        return four ? address(answer, V4_AT, 4) : address(answer, V6_AT, 16);
    }

    private static String reason(ChannelException unknown) {
        return String.valueOf((unknown.getCause() == null ? unknown : unknown.getCause()).getMessage());
    }

    /** Family and scope are not looked at: what was asked for settles the one, and the other has no place in a target. */
    static InetSocketAddress address(ByteBuffer answer, int at, int length) {
        byte[] octets = new byte[length];
        answer.get(answer.position() + at, octets);
        int start = answer.position() + PORT_AT;
        int port = (answer.get(start) & 0xFF) << 8 | answer.get(start + 1) & 0xFF;
        InetAddress address = Ip.of(octets);
        return new InetSocketAddress(address, port);
    }
}
