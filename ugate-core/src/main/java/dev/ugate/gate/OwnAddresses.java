package dev.ugate.gate;

import dev.ugate.model.Shape;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Set;

/** The addresses that ugate itself listens on, so that it never dials itself; replaced whole when listeners change. */
public record OwnAddresses(Set<InetSocketAddress> tcp, Set<InetSocketAddress> udp, Set<InetAddress> interfaces) {
    public static final OwnAddresses NONE = new OwnAddresses(Set.of(), Set.of(), Set.of());

    public OwnAddresses {
        tcp = Set.copyOf(tcp);
        udp = Set.copyOf(udp);
        interfaces = Set.copyOf(interfaces);
    }

    /** Whether a dial to {@code address} would come back to one of our listeners. */
    public boolean reachedBy(SocketAddress address, Shape shape) {
        if (!(address instanceof InetSocketAddress inet) || inet.isUnresolved()) {
            return false;
        }
        for (InetSocketAddress own : shape == Shape.DATAGRAMS ? udp : tcp) {
            if (own.getPort() == inet.getPort() && covers(own.getAddress(), inet.getAddress())) {
                return true;
            }
        }
        return false;
    }

    private boolean covers(InetAddress own, InetAddress dialled) {
        if (!own.isAnyLocalAddress()) {
            return own.equals(dialled) || own.isLoopbackAddress() && dialled.isAnyLocalAddress();
        }
        return dialled.isLoopbackAddress() || dialled.isAnyLocalAddress() || interfaces.contains(dialled);
    }
}
