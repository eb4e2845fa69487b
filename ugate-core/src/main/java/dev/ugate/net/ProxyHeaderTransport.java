package dev.ugate.net;

import dev.ugate.model.Ip;
import dev.ugate.model.Peer;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Transport;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/**
 * Tells the endpoint who the client is by a PROXY header, in one segment before any other byte (PROXY protocol, HAProxy). A client
 * without an address, on a Unix socket, is told as unknown.
 */
public final class ProxyHeaderTransport implements Transport {
    private static final byte[] SIGNATURE = {13, 10, 13, 10, 0, 13, 10, 'Q', 'U', 'I', 'T', 10};
    private static final int LOCAL = 0x20;
    private static final int PROXY = 0x21;
    private static final int TCP4 = 0x11;
    private static final int TCP6 = 0x21;

    private final Transport below;
    private final Form form;

    private ProxyHeaderTransport(Transport below, Form form) {
        this.below = below;
        this.form = form;
    }

    @FunctionalInterface
    private interface Form {
        ByteBuf header(ByteBufAllocator alloc, Peer peer);
    }

    /** Version 1, one line of text: the carrier {@code proxy-v1}. */
    public static ProxyHeaderTransport v1(Transport below) {
        return new ProxyHeaderTransport(below, ProxyHeaderTransport::text);
    }

    /** Version 2, binary: the carrier {@code proxy-v2}. */
    public static ProxyHeaderTransport v2(Transport below) {
        return new ProxyHeaderTransport(below, ProxyHeaderTransport::binary);
    }

    @Override
    public Future<Channel> dial(Dial dial, EventLoop loop) {
        return LayerDial.through(below, dial, loop, "proxy header", (channel, promise) -> {
            channel.writeAndFlush(form.header(channel.alloc(), dial.intent().peer()));
            promise.trySuccess(channel);
        });
    }

    private static ByteBuf text(ByteBufAllocator alloc, Peer peer) {
        if (!(peer.remote() instanceof InetSocketAddress from) || !(destination(peer) instanceof InetSocketAddress to)) {
            return ByteBufUtil.writeAscii(alloc, "PROXY UNKNOWN\r\n");
        }
        boolean v4 = isV4(from, to);
        return ByteBufUtil.writeAscii(
                alloc,
                "PROXY " + (v4 ? "TCP4 " : "TCP6 ") + text(from, v4) + " " + text(to, v4) + " " + from.getPort() + " " + to.getPort()
                        + "\r\n");
    }

    private static String text(InetSocketAddress address, boolean v4) {
        String text = Ip.text(address.getAddress());
        return v4 || address.getAddress() instanceof java.net.Inet6Address ? text : "::ffff:" + text;
    }

    private static ByteBuf binary(ByteBufAllocator alloc, Peer peer) {
        ByteBuf header = alloc.buffer(16 + 36).writeBytes(SIGNATURE);
        if (!(peer.remote() instanceof InetSocketAddress from) || !(destination(peer) instanceof InetSocketAddress to)) {
            return header.writeByte(LOCAL).writeByte(0).writeShort(0);
        }
        boolean v4 = isV4(from, to);
        header.writeByte(PROXY).writeByte(v4 ? TCP4 : TCP6).writeShort(v4 ? 12 : 36);
        address(header, from.getAddress(), v4);
        address(header, to.getAddress(), v4);
        return header.writeShort(from.getPort()).writeShort(to.getPort());
    }

    private static void address(ByteBuf header, InetAddress address, boolean v4) {
        if (!v4 && address instanceof Inet4Address) {
            header.writeZero(10).writeShort(0xFFFF);
        }
        header.writeBytes(address.getAddress());
    }

    private static boolean isV4(InetSocketAddress from, InetSocketAddress to) {
        return from.getAddress() instanceof Inet4Address && to.getAddress() instanceof Inet4Address;
    }

    private static SocketAddress destination(Peer peer) {
        return peer.originalDestination().isPresent() ? peer.originalDestination().get() : peer.local();
    }
}
