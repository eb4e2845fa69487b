package dev.ugate.net.proxy;

import dev.ugate.model.Identity;
import dev.ugate.model.Intent;
import dev.ugate.model.Ip;
import dev.ugate.model.Peer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The header of the PROXY protocol (haproxy, doc/proxy-protocol.txt, §2.1 and §2.2) that names a peer and where it wanted to go. */
public final class ProxyHeader {
    /** The first bytes of version 2. */
    private static final byte[] SIGNATURE = {0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A};

    private static final int LOCAL = 0x20;
    private static final int PROXY = 0x21;
    private static final int UNSPECIFIED = 0x00;
    private static final int TCP4 = 0x11;
    private static final int TCP6 = 0x21;

    /** The identity of the source, a SPIFFE id as UTF-8, and the name that it asked for: types of the mesh's own. */
    private static final int TYPE_IDENTITY = 0xD0;

    private static final int TYPE_NAME = 0xD1;

    /** As long as a SPIFFE id may be (SPIFFE-ID §2.3). */
    private static final int MAX_VALUE = 2048;

    private static final byte[] NONE = {};

    /** Source and destination of one family: an IPv4 address beside an IPv6 one is written v4-mapped. */
    private record Ends(InetSocketAddress source, InetSocketAddress destination) {
        static Optional<Ends> of(Intent intent, boolean asked) {
            Peer peer = intent.peer();
            @Nullable InetSocketAddress from = resolved(peer.remote());
            @Nullable
            InetSocketAddress to = resolved(
                    peer.originalDestination().isPresent()
                            ? peer.originalDestination().get()
                            : peer.local());
            if (asked && to != null && peer.originalDestination().isEmpty()) {
                InetAddress literal = intent.target().literal().orElse(to.getAddress());
                to = new InetSocketAddress(literal, intent.target().port());
            }
            return from == null || to == null ? Optional.empty() : Optional.of(new Ends(from, to));
        }

        private static @Nullable InetSocketAddress resolved(SocketAddress address) {
            return address instanceof InetSocketAddress inet && !inet.isUnresolved() ? inet : null;
        }

        boolean six() {
            return source.getAddress() instanceof Inet6Address || destination.getAddress() instanceof Inet6Address;
        }
    }

    private ProxyHeader() {}

    /** How many first bytes of version 2 are always the same. */
    public static int signatureLength() {
        return SIGNATURE.length;
    }

    /** One byte of the signature of version 2. */
    public static byte signature(int index) {
        return SIGNATURE[index];
    }

    /** Version 1; {@code UNKNOWN} for a peer without an Internet address. */
    static ByteBuf v1(ByteBufAllocator alloc, Intent intent, boolean asked) {
        String line = Ends.of(intent, asked)
                .map(ends -> "PROXY " + (ends.six() ? "TCP6 " : "TCP4 ")
                        + text(ends.source(), ends.six()) + " " + text(ends.destination(), ends.six()) + " "
                        + ends.source().getPort() + " " + ends.destination().getPort() + "\r\n")
                .orElse("PROXY UNKNOWN\r\n");
        return ByteBufUtil.writeAscii(alloc, line);
    }

    /** Version 2; {@code LOCAL} for a peer without an Internet address. A member of the mesh is named. */
    static ByteBuf v2(ByteBufAllocator alloc, Intent intent, boolean asked) {
        Optional<Ends> known = Ends.of(intent, asked);
        byte[] values = values(intent);
        ByteBuf out = alloc.buffer(52 + values.length).writeBytes(SIGNATURE);
        if (known.isEmpty()) {
            return out.writeByte(LOCAL).writeByte(UNSPECIFIED).writeShort(0);
        }
        Ends ends = known.get();
        byte[] source = bytes(ends.source().getAddress(), ends.six());
        byte[] destination = bytes(ends.destination().getAddress(), ends.six());
        return out.writeByte(PROXY)
                .writeByte(ends.six() ? TCP6 : TCP4)
                .writeShort(2 * source.length + 4 + values.length)
                .writeBytes(source)
                .writeBytes(destination)
                .writeShort(ends.source().getPort())
                .writeShort(ends.destination().getPort())
                .writeBytes(values);
    }

    private static byte[] values(Intent intent) {
        Optional<String> spiffe = intent.peer()
                .identity()
                .map(Identity::name)
                .filter(name -> name.startsWith("spiffe://") && name.length() <= MAX_VALUE);
        if (spiffe.isEmpty()) {
            return NONE;
        }
        byte[] identity = value(TYPE_IDENTITY, spiffe.get());
        if (intent.target().literal().isPresent()) {
            return identity;
        }
        byte[] name = value(TYPE_NAME, intent.target().host());
        return ByteBuffer.allocate(identity.length + name.length)
                .put(identity)
                .put(name)
                .array();
    }

    /** Type, length of two octets, value (§2.2). */
    private static byte[] value(int type, String text) {
        byte[] octets = text.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(3 + octets.length)
                .put((byte) type)
                .putShort((short) octets.length)
                .put(octets)
                .array();
    }

    private static String text(InetSocketAddress end, boolean six) {
        boolean mapped = six && end.getAddress() instanceof Inet4Address;
        return (mapped ? "::ffff:" : "") + Ip.text(end.getAddress());
    }

    private static byte[] bytes(InetAddress address, boolean six) {
        byte[] bytes = address.getAddress();
        return six && bytes.length == 4
                ? ByteBuffer.allocate(16)
                        .putShort(10, (short) 0xFFFF)
                        .put(12, bytes)
                        .array()
                : bytes;
    }
}
