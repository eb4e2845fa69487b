package dev.ugate.protocols.socks5;

import dev.ugate.model.HostPort;
import dev.ugate.model.Intent;
import dev.ugate.model.Peer;
import dev.ugate.model.Refused;
import dev.ugate.model.Shape;
import dev.ugate.net.udp.Client;
import dev.ugate.net.udp.Flows;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Gate;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The relay socket of one UDP ASSOCIATE (RFC 1928 §7): datagrams of the control connection's address, each with its target in front.
 */
final class Association extends SimpleChannelInboundHandler<DatagramPacket> implements Client<HostPort> {
    private final Channel socket;
    private final Connection control;
    private final Peer peer;
    private final InetAddress source;
    private final Flows<HostPort> flows;
    private @Nullable InetSocketAddress client;

    /** Installs itself on {@code socket}; {@code source} is the only address that is heard. */
    Association(Channel socket, Connection control, Peer peer, InetAddress source, Gate gate) {
        super(false);
        this.socket = socket;
        this.control = control;
        this.peer = peer;
        this.source = source;
        this.flows = new Flows<>(
                socket, gate, this, control.ingress().settings().limits().udpFlows());
    }

    Flows<HostPort> flows() {
        return flows;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
        ByteBuf datagram = packet.content();
        if (isFromClient(packet.sender()) && isWhole(datagram)) {
            try {
                HostPort target = Address.read(datagram.skipBytes(3));
                if (target.port() != 0) {
                    flows.deliver(target, datagram);
                    return;
                }
            } catch (Refused malformed) {
                // No words exist for it; it is dropped and counted like any datagram that cannot be used.
            }
        }
        flows.drop();
        datagram.release();
    }

    /** The first datagram fixes the port, so that nobody else on that host can take the answers. */
    private boolean isFromClient(InetSocketAddress sender) {
        if (!sender.getAddress().equals(source)) {
            return false;
        }
        if (client == null) {
            client = sender;
        }
        return client.equals(sender);
    }

    /** {@code 0000}, no fragment, and a whole address. */
    private static boolean isWhole(ByteBuf datagram) {
        int start = datagram.readerIndex();
        return datagram.readableBytes() >= 5
                && datagram.getByte(start + 2) == 0
                && Address.isType(datagram.getByte(start + 3))
                && datagram.readableBytes() >= 3 + Address.size(datagram, start + 3);
    }

    @Override
    public Object source(HostPort target) {
        return source;
    }

    @Override
    public Connection connection(HostPort target) {
        return control;
    }

    @Override
    public Intent intent(HostPort target) {
        return new Intent("socks5", peer, target, Shape.DATAGRAMS, Map.of());
    }

    /** A literal target answers under the address that was asked for, a name under the one that was dialled. */
    @Override
    public boolean send(HostPort target, Channel upstream, ByteBuf payload) {
        InetSocketAddress to = client;
        if (to == null || !socket.isWritable()) {
            return false;
        }
        ByteBuf datagram = socket.alloc().buffer(payload.readableBytes() + 22).writeZero(3);
        Optional<InetAddress> literal = target.literal();
        Address.write(
                datagram,
                literal.isPresent() ? new InetSocketAddress(literal.get(), target.port()) : upstream.remoteAddress());
        datagram.writeBytes(payload, payload.readerIndex(), payload.readableBytes());
        socket.writeAndFlush(new DatagramPacket(datagram, to), socket.voidPromise());
        return true;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // An answer that could not be sent is lost, as datagrams may be.
        if (!(cause instanceof IOException)) {
            ctx.fireExceptionCaught(cause);
        }
    }
}
