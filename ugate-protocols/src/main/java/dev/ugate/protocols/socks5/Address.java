package dev.ugate.protocols.socks5;

import dev.ugate.model.HostPort;
import dev.ugate.model.Ip;
import dev.ugate.model.Refused;
import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** An address as SOCKS5 writes it (RFC 1928 §5): type, address, port. */
final class Address {
    static final int IPV4 = 1;
    static final int NAME = 3;
    static final int IPV6 = 4;

    private Address() {}

    static boolean isType(int type) {
        return type == IPV4 || type == NAME || type == IPV6;
    }

    /** Bytes of the address whose type is at {@code at}, as far as they can be known yet: never more than there are in the end. */
    static int size(ByteBuf in, int at) {
        int known = in.writerIndex() - at;
        if (known < 2) {
            return 2;
        }
        return switch (in.getByte(at)) {
            case IPV4 -> 7;
            case IPV6 -> 19;
            case NAME -> 4 + in.getUnsignedByte(at + 1);
            default -> 2;
        };
    }

    /**
     * Consumes one whole address; throws {@link Refused} MALFORMED for a name that is none (T83). An IPv6 literal as a name, with
     * or without brackets, is an address (curl sends it).
     */
    static HostPort read(ByteBuf in) {
        int type = in.readByte();
        return switch (type) {
            case IPV4 -> literal(in, 4);
            case IPV6 -> literal(in, 16);
            case NAME -> name(in);
            default -> throw Refused.malformed("address type " + type + ": expected 1, 3 or 4");
        };
    }

    private static HostPort literal(ByteBuf in, int length) {
        byte[] bytes = new byte[length];
        in.readBytes(bytes);
        return new HostPort(Ip.text(Ip.of(bytes)), in.readUnsignedShort());
    }

    private static HostPort name(ByteBuf in) {
        // Latin-1 keeps every byte apart, so that one above 7F is refused and not replaced.
        String name = in.readCharSequence(in.readUnsignedByte(), StandardCharsets.ISO_8859_1)
                .toString();
        int port = in.readUnsignedShort();
        boolean bracketed = name.startsWith("[") && name.endsWith("]") && name.indexOf(':') > 0;
        return new HostPort(bracketed ? name.substring(1, name.length() - 1) : name, port);
    }

    /** Writes a socket's address, or {@code 0.0.0.0:0} for anything that is none. */
    static void write(ByteBuf out, @Nullable SocketAddress address) {
        if (address instanceof InetSocketAddress inet && !inet.isUnresolved()) {
            byte[] bytes = inet.getAddress().getAddress();
            out.writeByte(bytes.length == 4 ? IPV4 : IPV6).writeBytes(bytes).writeShort(inet.getPort());
        } else {
            out.writeByte(IPV4).writeInt(0).writeShort(0);
        }
    }
}
