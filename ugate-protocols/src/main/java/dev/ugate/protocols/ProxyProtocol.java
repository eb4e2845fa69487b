package dev.ugate.protocols;

import dev.ugate.model.Ip;
import dev.ugate.model.Peer;
import dev.ugate.model.Refused;
import dev.ugate.net.Dialogue;
import dev.ugate.net.Handshake;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Gate;
import dev.ugate.spi.Protocol;
import dev.ugate.spi.Sniffer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The PROXY header, version 1 and 2: demanded from the sources that the listener trusts, never guessed (T10). It replaces the
 * addresses of the peer; then the connection enters the gate again.
 */
public final class ProxyProtocol implements Protocol {
    @Override
    public String name() {
        return "proxy";
    }

    @Override
    public Sniffer sniffer() {
        return Sniffer.NEVER;
    }

    @Override
    public boolean demanded(Connection connection) {
        return connection.depth() == 0
                && connection.peer().remote() instanceof InetSocketAddress remote
                && connection.ingress().trustedProxies().stream().anyMatch(block -> block.contains(remote.getAddress()));
    }

    @Override
    public void serve(Channel connection, Gate gate) {
        Handshake.begin(connection, gate, name(), new Header(gate));
    }

    /** The two ends that a header names. */
    private record Ends(InetSocketAddress from, InetSocketAddress to) {}

    /** Reads one header. */
    private record Header(Gate gate) implements Dialogue {
        private static final byte[] TEXT = "PROXY ".getBytes(StandardCharsets.US_ASCII);
        private static final byte[] BINARY = {13, 10, 13, 10, 0, 13, 10, 'Q', 'U', 'I', 'T', 10};

        /** The longest line of version 1, with its CRLF. */
        private static final int MOST_TEXT = 107;

        /** T11: addresses and TLVs of version 2. */
        private static final int MOST_BINARY = 4096;

        private static final int FIXED = 16;
        private static final int CRC32C_TYPE = 3;

        @Override
        public Outcome read(Channel client, ByteBuf in) {
            boolean text = in.getByte(in.readerIndex()) == TEXT[0];
            byte[] signature = text ? TEXT : BINARY;
            int n = Math.min(signature.length, in.readableBytes());
            for (int i = 0; i < n; i++) {
                if (in.getByte(in.readerIndex() + i) != signature[i]) {
                    throw Refused.malformed("header: expected PROXY version 1 or 2");
                }
            }
            int length = n < signature.length ? -1 : text ? textLength(in) : binaryLength(in);
            if (length < 0 || in.readableBytes() < length) {
                return Outcome.MORE;
            }
            Optional<Ends> ends = text ? text(in, length) : binary(in.slice(in.readerIndex(), length));
            in.skipBytes(length);
            return new Continue(() -> enter(client, ends));
        }

        private void enter(Channel client, Optional<Ends> ends) {
            Connection connection = Connection.of(client);
            Peer peer = connection.peer();
            Peer told = ends.map(e -> peer.withAddresses(e.from, e.to)).orElse(peer);
            connection.withPeer(told).deeper().on(client);
            gate.enter(client);
        }

        /** The length of the line with its CRLF, −1 when it is not complete. */
        private static int textLength(ByteBuf in) {
            int start = in.readerIndex();
            int end = Math.min(in.writerIndex(), start + MOST_TEXT);
            for (int at = start; at < end; at++) {
                byte c = in.getByte(at);
                if (c == '\n' && in.getByte(at - 1) == '\r') {
                    return at + 1 - start;
                }
                if (c == '\n' || in.getByte(Math.max(at - 1, start)) == '\r') {
                    throw Refused.malformed("header: expected CR LF at its end only");
                }
            }
            if (in.readableBytes() >= MOST_TEXT) {
                throw Refused.malformed("header of more than " + MOST_TEXT + " bytes: expected a line of version 1");
            }
            return -1;
        }

        private static Optional<Ends> text(ByteBuf in, int length) {
            String line = in.toString(in.readerIndex(), length - 2, StandardCharsets.ISO_8859_1);
            String[] words = line.split(" ", -1);
            if (words[1].equals("UNKNOWN")) {
                return Optional.empty();
            }
            boolean v6 = words[1].equals("TCP6");
            if (words.length != 6 || !v6 && !words[1].equals("TCP4")) {
                throw Refused.malformed("header: expected PROXY TCP4|TCP6 source destination port port");
            }
            return Optional.of(new Ends(
                    new InetSocketAddress(address(words[2], v6), port(words[4])),
                    new InetSocketAddress(address(words[3], v6), port(words[5]))));
        }

        private static InetAddress address(String text, boolean v6) {
            Optional<InetAddress> address = Ip.parse(text);
            boolean legal = address.isPresent()
                    && (v6 ? text.indexOf(':') >= 0 : text.equals(Ip.text(address.get())) && text.indexOf(':') < 0);
            if (!legal) {
                throw Refused.malformed("header: address: expected one of the named family");
            }
            return address.get();
        }

        private static int port(String text) {
            boolean digits = !text.isEmpty() && text.length() <= 5 && text.chars().allMatch(c -> c >= '0' && c <= '9');
            int port = digits ? Integer.parseInt(text) : -1;
            if (port < 0 || port > 0xFFFF || text.length() > 1 && text.charAt(0) == '0') {
                throw Refused.malformed("header: port: expected 0 to 65535 without leading zero");
            }
            return port;
        }

        private static int binaryLength(ByteBuf in) {
            if (in.readableBytes() < FIXED) {
                return -1;
            }
            int length = in.getUnsignedShort(in.readerIndex() + 14);
            if (length > MOST_BINARY) {
                throw Refused.malformed("header of " + length + " bytes: expected at most " + MOST_BINARY);
            }
            return FIXED + length;
        }

        private static Optional<Ends> binary(ByteBuf header) {
            int command = header.getUnsignedByte(12);
            int family = header.getUnsignedByte(13);
            if (command == 0x20) {
                return Optional.empty();
            }
            if (command != 0x21) {
                throw Refused.malformed("header: version and command " + command + ": expected LOCAL or PROXY of version 2");
            }
            int addresses =
                    switch (family) {
                        case 0x00 -> 0;
                        case 0x11 -> 12;
                        case 0x21 -> 36;
                        case 0x31 -> 216;
                        default -> throw Refused.malformed("header: family " + family + ": expected a stream");
                    };
            if (header.capacity() < FIXED + addresses) {
                throw Refused.malformed("header of " + (header.capacity() - FIXED) + " bytes: expected at least " + addresses);
            }
            if (family != 0) {
                tlvs(header, FIXED + addresses);
            }
            return family == 0x11 || family == 0x21 ? Optional.of(ends(header, family == 0x11 ? 4 : 16)) : Optional.empty();
        }

        private static Ends ends(ByteBuf header, int size) {
            byte[] from = new byte[size];
            byte[] to = new byte[size];
            header.getBytes(FIXED, from).getBytes(FIXED + size, to);
            int ports = FIXED + 2 * size;
            return new Ends(
                    new InetSocketAddress(Ip.of(from), header.getUnsignedShort(ports)),
                    new InetSocketAddress(Ip.of(to), header.getUnsignedShort(ports + 2)));
        }

        /** Walks the TLVs, which must fill the header exactly; only the checksum is looked at. */
        private static void tlvs(ByteBuf header, int from) {
            int at = from;
            while (at < header.capacity()) {
                int left = header.capacity() - at - 3;
                int length = left < 0 ? 0 : header.getUnsignedShort(at + 1);
                if (left < length) {
                    throw Refused.malformed("header: TLV longer than the header");
                }
                if (header.getByte(at) == CRC32C_TYPE) {
                    checksum(header, at + 3, length);
                }
                at += 3 + length;
            }
        }

        private static void checksum(ByteBuf header, int at, int length) {
            if (length != 4) {
                throw Refused.malformed("header: CRC32C of " + length + " bytes: expected 4");
            }
            byte[] bytes = new byte[header.capacity()];
            header.getBytes(0, bytes);
            java.util.Arrays.fill(bytes, at, at + 4, (byte) 0);
            CRC32C crc = new CRC32C();
            crc.update(bytes);
            if (crc.getValue() != header.getUnsignedInt(at)) {
                throw Refused.malformed("header: CRC32C: expected " + Long.toHexString(crc.getValue()));
            }
        }

        @Override
        public ByteBuf yes(Channel client, Channel upstream) {
            return Unpooled.EMPTY_BUFFER;
        }

        /** The protocol has no words for no. */
        @Override
        public ByteBuf no(Channel client, Refused why) {
            return Unpooled.EMPTY_BUFFER;
        }
    }
}
