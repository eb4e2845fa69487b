package dev.ugate.protocols;

import dev.ugate.model.HostPort;
import dev.ugate.model.Intent;
import dev.ugate.model.Ip;
import dev.ugate.model.Peer;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Shape;
import dev.ugate.net.Dialogue;
import dev.ugate.net.Handshake;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Gate;
import dev.ugate.spi.Ingress.Forward;
import dev.ugate.spi.Protocol;
import dev.ugate.spi.Sniffer;
import dev.ugate.spi.Verdict;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** SOCKS4 and 4a, CONNECT only. The user it names proves nothing: it becomes the label {@code user}. */
public final class Socks4 implements Protocol {
    private static final int VERSION = 4;
    private static final int CONNECT = 1;
    private static final int BIND = 2;

    /** Longest user and longest name: a name cannot be longer than 253, and no more is heard of a user. */
    private static final int MAX_TEXT = 255;

    private static final int FIXED = 8;

    @Override
    public String name() {
        return "socks4";
    }

    /** The version and a command that exists. */
    @Override
    public Sniffer sniffer() {
        return Socks4::peek;
    }

    @Override
    public void serve(Channel connection, Gate gate) {
        Handshake.begin(connection, gate, name(), new Request());
    }

    private static Verdict peek(ByteBuf head) {
        int start = head.readerIndex();
        if (head.getByte(start) != VERSION) {
            return Verdict.MISMATCH;
        }
        if (head.readableBytes() < 2) {
            return Verdict.MORE;
        }
        int command = head.getByte(start + 1);
        return command == CONNECT || command == BIND ? Verdict.MATCH : Verdict.MISMATCH;
    }

    /** {@code 04 command port address user 00 [name 00]}. */
    private static final class Request implements Dialogue {
        @Override
        public Outcome read(Channel client, ByteBuf in) {
            if (in.readableBytes() >= 2 && in.getByte(in.readerIndex() + 1) != CONNECT) {
                throw Refused.malformed("command " + in.getByte(in.readerIndex() + 1) + ": expected 1");
            }
            int start = in.readerIndex();
            int user = text(in, start + FIXED, "user");
            if (user < 0) {
                return Outcome.MORE;
            }
            int next = start + FIXED + user + 1;
            boolean named = isNamed(in, start);
            int name = named ? text(in, next, "name") : 0;
            if (name < 0) {
                return Outcome.MORE;
            }
            HostPort target = named ? new HostPort(latin(in, next, name), port(in, start)) : literal(in, start);
            String userId = latin(in, start + FIXED, user);
            in.readerIndex(named ? next + name + 1 : next);
            return new Open(intent(Connection.of(client), target, userId));
        }

        /** Length of a text that ends in 00, or −1 when its end is not there yet. */
        private static int text(ByteBuf in, int at, String noun) {
            int there = in.writerIndex() - at;
            if (there <= 0) {
                return -1;
            }
            int length = in.bytesBefore(at, Math.min(there, MAX_TEXT + 1), (byte) 0);
            if (length < 0 && there > MAX_TEXT) {
                throw Refused.malformed(noun + " of more than " + MAX_TEXT + " bytes: expected an end");
            }
            return length;
        }

        /** SOCKS4a: the address 0.0.0.x with x ≠ 0 says that a name follows. */
        private static boolean isNamed(ByteBuf in, int start) {
            int address = in.getInt(start + 4);
            return address != 0 && (address & 0xFFFFFF00) == 0;
        }

        private static HostPort literal(ByteBuf in, int start) {
            byte[] bytes = new byte[4];
            in.getBytes(start + 4, bytes);
            return new HostPort(Ip.text(Ip.of(bytes)), port(in, start));
        }

        private static int port(ByteBuf in, int start) {
            int port = in.getUnsignedShort(start + 2);
            if (port == 0) {
                throw Refused.malformed("port 0: expected 1 to 65535");
            }
            return port;
        }

        private static String latin(ByteBuf in, int at, int length) {
            return in.toString(at, length, StandardCharsets.ISO_8859_1);
        }

        private static Intent intent(Connection connection, HostPort target, String user) {
            Peer peer = connection.peer();
            if (connection.ingress().forward() == Forward.AUTHENTICATED
                    && peer.identity().isEmpty()) {
                throw Refused.because(
                        Refusal.UNAUTHENTICATED, "user: nothing proves it: expected SOCKS5 with a password");
            }
            Map<String, String> labels = user.isEmpty() ? Map.of() : Map.of("user", user);
            return new Intent("socks4", peer, target, Shape.BYTES, labels);
        }

        @Override
        public ByteBuf yes(Channel client, Channel upstream) {
            return reply(90, upstream.localAddress());
        }

        @Override
        public ByteBuf no(Channel client, Refused why) {
            return reply(code(why.reason()), null);
        }

        /** {@code 00 code port address}; zeros for an address that is not IPv4. */
        private static ByteBuf reply(int code, @Nullable SocketAddress bound) {
            ByteBuf out = Unpooled.buffer(FIXED).writeByte(0).writeByte(code);
            if (bound instanceof InetSocketAddress inet && inet.getAddress() instanceof Inet4Address address) {
                return out.writeShort(inet.getPort()).writeBytes(address.getAddress());
            }
            return out.writeZero(FIXED - 2);
        }

        private static int code(Refusal reason) {
            return switch (reason) {
                case UNAUTHENTICATED -> 93;
                case MALFORMED,
                        DENIED,
                        NO_ROUTE,
                        UNRESOLVED,
                        UNREACHABLE,
                        CONNECTION_REFUSED,
                        TIMED_OUT,
                        UPSTREAM_IDENTITY,
                        OVERLOADED,
                        LOOP,
                        DRAINING,
                        INTERNAL -> 91;
            };
        }
    }
}
