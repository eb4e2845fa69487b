package dev.ugate.protocols;

import dev.ugate.model.Ip;
import dev.ugate.model.Peer;
import dev.ugate.model.Refused;
import dev.ugate.net.Admission;
import dev.ugate.net.Dialogue;
import dev.ugate.net.Handshake;
import dev.ugate.net.proxy.ProxyHeader;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Gate;
import dev.ugate.spi.Protocol;
import dev.ugate.spi.Sniffer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The PROXY protocol, versions 1 and 2 (haproxy, doc/proxy-protocol.txt): demanded of the listener's trusted proxies and never
 * guessed (T10). Peeled off, the connection enters the gate again as that of the client whom the header names.
 */
public final class ProxyProtocol implements Protocol {
    @Override
    public String name() {
        return "proxy";
    }

    /** Never: who may say where a connection comes from is decided by its address alone. */
    @Override
    public Sniffer sniffer() {
        return Sniffer.NEVER;
    }

    @Override
    public boolean demanded(Connection connection) {
        return connection.depth() == 0 && connection.ingress().trusts(connection.peer());
    }

    @Override
    public void serve(Channel connection, Gate gate) {
        Handshake.begin(connection, gate, name(), new Header(gate));
    }

    /** Where the connection came from and went to before the proxy. */
    private record Ends(InetSocketAddress source, InetSocketAddress destination) {}

    /** One header; nothing is consumed until it is complete and right. */
    private static final class Header implements Dialogue {
        /** The longest line of version 1, with its end (§2.1). */
        private static final int MAX_LINE = 107;

        private static final String PREFIX = "PROXY ";
        private static final String UNKNOWN = "PROXY UNKNOWN";

        /** Version 2: signature, version and command, family and transport, length (§2.2). */
        private static final int FIXED = 16;

        /** Addresses and type-length-values (T11). */
        private static final int MAX_LENGTH = 4 << 10;

        private static final int LOCAL = 0x20;
        private static final int PROXY = 0x21;
        private static final int TYPE_CRC32C = 0x03;
        private static final int TYPE_UNIQUE_ID = 0x05;
        private static final int MAX_UNIQUE_ID = 128;

        private final Gate gate;

        Header(Gate gate) {
            this.gate = gate;
        }

        @Override
        public Outcome read(Channel client, ByteBuf in) {
            if (!in.isReadable()) {
                return Outcome.MORE;
            }
            return in.getByte(in.readerIndex()) == PREFIX.charAt(0) ? line(client, in) : binary(client, in);
        }

        private Outcome line(Channel client, ByteBuf in) {
            int start = in.readerIndex();
            int length = Math.min(in.readableBytes(), MAX_LINE);
            for (int i = 0; i < Math.min(length, PREFIX.length()); i++) {
                if (in.getByte(start + i) != PREFIX.charAt(i)) {
                    throw Refused.malformed("first bytes: expected a PROXY header");
                }
            }
            int end = in.indexOf(start, start + length, (byte) '\n');
            if (end < 0 && length == MAX_LINE) {
                throw Refused.malformed("line of more than " + MAX_LINE + " bytes: expected an end");
            }
            if (end < 0) {
                return Outcome.MORE;
            }
            String line = in.toString(start, end - start, StandardCharsets.ISO_8859_1);
            if (line.indexOf('\r') != line.length() - 1) {
                throw Refused.malformed("line end: expected CR LF");
            }
            return enter(client, in, end + 1 - start, ends(line.substring(0, line.length() - 1)));
        }

        private static Optional<Ends> ends(String line) {
            if (line.equals(UNKNOWN) || line.startsWith(UNKNOWN + " ")) {
                return Optional.empty();
            }
            String[] words = line.split(" ", -1);
            if (words.length != 6 || !words[1].equals("TCP4") && !words[1].equals("TCP6")) {
                throw Refused.malformed("line: expected PROXY TCP4, TCP6 or UNKNOWN, two addresses and two ports");
            }
            boolean six = words[1].equals("TCP6");
            return Optional.of(new Ends(
                    new InetSocketAddress(address(words[2], six), port(words[4])),
                    new InetSocketAddress(address(words[3], six), port(words[5]))));
        }

        private static InetAddress address(String text, boolean six) {
            return Ip.parse(text)
                    .filter(address ->
                            six ? text.indexOf(':') >= 0 : Ip.text(address).equals(text) && text.indexOf(':') < 0)
                    .orElseThrow(
                            () -> Refused.malformed("address: expected IPv" + (six ? 6 : 4) + " in its usual form"));
        }

        private static int port(String text) {
            boolean digits =
                    !text.isEmpty() && text.length() <= 5 && text.chars().allMatch(c -> c >= '0' && c <= '9');
            int port = digits ? Integer.parseInt(text) : -1;
            if (port < 0 || port > 0xFFFF || !Integer.toString(port).equals(text)) {
                throw Refused.malformed("port: expected 0 to 65535 without leading zeros");
            }
            return port;
        }

        private Outcome binary(Channel client, ByteBuf in) {
            int start = in.readerIndex();
            int there = in.readableBytes();
            for (int i = 0; i < Math.min(there, ProxyHeader.signatureLength()); i++) {
                if (in.getByte(start + i) != ProxyHeader.signature(i)) {
                    throw Refused.malformed("first bytes: expected a PROXY header");
                }
            }
            int command = there > 12 ? in.getUnsignedByte(start + 12) : LOCAL;
            if (command != LOCAL && command != PROXY) {
                throw Refused.malformed("version and command " + command + ": expected 32 or 33");
            }
            int family = there > 13 ? in.getUnsignedByte(start + 13) : 0;
            int addresses = command == LOCAL ? 0 : addressLength(family);
            if (there < FIXED) {
                return Outcome.MORE;
            }
            int length = in.getUnsignedShort(start + 14);
            if (length < addresses || length > MAX_LENGTH) {
                throw Refused.malformed("length " + length + ": expected " + addresses + " to " + MAX_LENGTH);
            }
            if (there < FIXED + length) {
                return Outcome.MORE;
            }
            if (command == LOCAL) {
                return enter(client, in, FIXED + length, Optional.empty());
            }
            values(in.slice(start, FIXED + length), FIXED + addresses);
            return enter(client, in, FIXED + length, ends(in, start + FIXED, family));
        }

        /** Bytes of both addresses and both ports by family and transport (§2.2); datagrams have no place on a stream. */
        private static int addressLength(int family) {
            return switch (family) {
                case 0x00 -> 0;
                case 0x11 -> 12;
                case 0x21 -> 36;
                case 0x31 -> 216;
                default -> throw Refused.malformed("family and transport " + family + ": expected a stream");
            };
        }

        /** A Unix socket of the proxy's host has no ends that could be policed here. */
        private static Optional<Ends> ends(ByteBuf in, int at, int family) {
            int size = family == 0x11 ? 4 : 16;
            if (family != 0x11 && family != 0x21) {
                return Optional.empty();
            }
            return Optional.of(new Ends(
                    new InetSocketAddress(address(in, at, size), in.getUnsignedShort(at + 2 * size)),
                    new InetSocketAddress(address(in, at + size, size), in.getUnsignedShort(at + 2 * size + 2))));
        }

        private static InetAddress address(ByteBuf in, int at, int size) {
            return Ip.of(ByteBufUtil.getBytes(in, at, size));
        }

        /** Type-length-values (§2.2.x) are walked to the end and, but for the checksum, not looked at. */
        private static void values(ByteBuf header, int from) {
            int at = from;
            while (at < header.writerIndex()) {
                int length = at + 3 <= header.writerIndex() ? header.getUnsignedShort(at + 1) : MAX_LENGTH;
                if (at + 3 + length > header.writerIndex()) {
                    throw Refused.malformed("value at " + at + ": expected its end within the header");
                }
                int type = header.getUnsignedByte(at);
                if (type == TYPE_CRC32C) {
                    checksum(header, at + 3, length);
                } else if (type == TYPE_UNIQUE_ID && length > MAX_UNIQUE_ID) {
                    throw Refused.malformed("unique id of " + length + " bytes: expected at most " + MAX_UNIQUE_ID);
                }
                at += 3 + length;
            }
        }

        /** CRC32C of the whole header with this field zero. */
        private static void checksum(ByteBuf header, int at, int length) {
            if (length != Integer.BYTES) {
                throw Refused.malformed("checksum of " + length + " bytes: expected 4");
            }
            CRC32C sum = new CRC32C();
            sum.update(ByteBufUtil.getBytes(header, 0, at));
            sum.update(new byte[Integer.BYTES]);
            sum.update(ByteBufUtil.getBytes(header, at + length, header.writerIndex() - at - length));
            if ((int) sum.getValue() != header.getInt(at)) {
                throw Refused.malformed("checksum: expected the CRC32C of the header");
            }
        }

        private Outcome enter(Channel client, ByteBuf in, int size, Optional<Ends> told) {
            Connection connection = Connection.of(client);
            Peer proxy = connection.peer();
            Peer peer = told.map(ends -> proxy.withAddresses(ends.source(), ends.destination()))
                    // Loopback there is the proxy's own host, not ours: it keeps the proxy's address and gains no
                    // trust.
                    .filter(named -> proxy.isLocal() || !named.isLocal())
                    .orElse(proxy);
            if (peer != proxy) {
                Admission.attribute(client, peer).ifPresent(over -> {
                    throw over;
                });
            }
            in.skipBytes(size);
            return new Continue(() -> {
                connection.withPeer(peer).deeper().on(client);
                gate.enter(client);
            });
        }

        /** A sender that errs hears nothing: it would take an answer for the client's. */
        @Override
        public ByteBuf no(Channel client, Refused why) {
            return Unpooled.EMPTY_BUFFER;
        }

        @Override
        public ByteBuf yes(Channel client, Channel upstream) {
            return Unpooled.EMPTY_BUFFER;
        }
    }
}
