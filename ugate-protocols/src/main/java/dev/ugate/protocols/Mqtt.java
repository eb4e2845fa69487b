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
import dev.ugate.spi.Protocol;
import dev.ugate.spi.Sniffer;
import dev.ugate.spi.Verdict;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** MQTT 3.1, 3.1.1 and 5 passed through to a broker: CONNECT is read and not consumed, client id and user become labels. */
public final class Mqtt implements Protocol {
    private static final int CONNECT = 0x10;
    private static final byte[] NAME = {0, 4, 'M', 'Q', 'T', 'T'};
    private static final byte[] OLD_NAME = {0, 6, 'M', 'Q', 'I', 's', 'd', 'p'};

    @Override
    public String name() {
        return "mqtt";
    }

    @Override
    public List<String> alpn() {
        return List.of("mqtt");
    }

    @Override
    public Sniffer sniffer() {
        return Mqtt::peek;
    }

    private static Verdict peek(ByteBuf head) {
        int start = head.readerIndex();
        if (head.getByte(start) != CONNECT) {
            return Verdict.MISMATCH;
        }
        int at = start + 1;
        while (at < head.writerIndex() && head.getByte(at) < 0) {
            at++;
        }
        if (at - start > 4) {
            return Verdict.MISMATCH;
        }
        int name = at + 1;
        Verdict verdict = compare(head, name, NAME);
        return verdict == Verdict.MISMATCH ? compare(head, name, OLD_NAME) : verdict;
    }

    private static Verdict compare(ByteBuf head, int at, byte[] name) {
        for (int i = 0; i < name.length; i++) {
            if (at + i >= head.writerIndex()) {
                return Verdict.MORE;
            }
            if (head.getByte(at + i) != name[i]) {
                return Verdict.MISMATCH;
            }
        }
        return Verdict.MATCH;
    }

    @Override
    public void serve(Channel connection, Gate gate) {
        Handshake.begin(connection, gate, name(), new Greeting());
    }

    /** Reads one CONNECT (MQTT 5 §3.1) and answers no by CONNACK (§3.2). */
    private static final class Greeting implements Dialogue {
        private static final int DEFAULT_PORT = 1883;
        private static final int LEVEL_5 = 5;
        private static final int PACKET_TOO_LARGE = 0x95;
        private static final int UNSUPPORTED_VERSION = 0x84;

        private int level;
        private int code;

        @Override
        public Outcome read(Channel client, ByteBuf in) {
            Connection connection = Connection.of(client);
            int start = in.readerIndex();
            Verdict known = peek(in);
            if (known == Verdict.MORE) {
                return Outcome.MORE;
            }
            int body = known == Verdict.MISMATCH ? -1 : body(in, start);
            if (body < 0) {
                throw Refused.malformed("packet: expected CONNECT");
            }
            int levelAt = body + 2 + in.getUnsignedShort(body);
            if (levelAt >= in.writerIndex()) {
                return Outcome.MORE;
            }
            level = in.getByte(levelAt) & 0x7F;
            int length = length(in, start);
            if (length > connection.ingress().settings().limits().mqttConnect().count()) {
                code = PACKET_TOO_LARGE;
                throw Refused.malformed("limit mqttConnect: connect of " + length + " bytes: expected less");
            }
            if (level < 3 || level > LEVEL_5) {
                code = UNSUPPORTED_VERSION;
                throw Refused.malformed("protocol level " + level + ": expected 3, 4 or 5");
            }
            if (length <= levelAt - body) {
                throw Refused.malformed("connect of " + length + " bytes: expected more");
            }
            if (in.writerIndex() - body < length) {
                return Outcome.MORE;
            }
            Map<String, String> labels = labels(in.slice(levelAt + 1, body + length - levelAt - 1));
            return new Open(new Intent("mqtt", connection.peer(), target(connection), Shape.BYTES, labels));
        }

        /** The index behind the fixed header. */
        private static int body(ByteBuf in, int start) {
            int at = start + 1;
            while (in.getByte(at) < 0) {
                at++;
            }
            return at + 1;
        }

        private static int length(ByteBuf in, int start) {
            return variable(in.slice(start + 1, body(in, start) - start - 1));
        }

        /** A variable byte integer (§1.5.5). */
        private static int variable(ByteBuf in) {
            int value = 0;
            for (int shift = 0; shift < 28; shift += 7) {
                need(in, 1);
                byte part = in.readByte();
                value |= (part & 0x7F) << shift;
                if (part >= 0) {
                    return value;
                }
            }
            throw Refused.malformed("variable byte integer: expected at most 4 bytes");
        }

        /** Reads what stands behind the level; every byte must be accounted for. */
        private Map<String, String> labels(ByteBuf in) {
            need(in, 3);
            int flags = in.readUnsignedByte();
            boolean will = (flags & 0x04) != 0;
            boolean legal = (flags & 1) == 0 && (flags & 0x18) != 0x18 && (will || (flags & 0x38) == 0);
            if (!legal || level < LEVEL_5 && (flags & 0xC0) == 0x40) {
                throw Refused.malformed("connect flags " + flags + ": expected a legal combination");
            }
            in.skipBytes(2);
            properties(in);
            Map<String, String> labels = new HashMap<>();
            labels.put("client_id", string(in));
            if (will) {
                properties(in);
                string(in);
                skip(in);
            }
            if ((flags & 0x80) != 0) {
                labels.put("user", string(in));
            }
            if ((flags & 0x40) != 0) {
                skip(in);
            }
            if (in.isReadable()) {
                throw Refused.malformed("connect: " + in.readableBytes() + " bytes behind: expected none");
            }
            return labels;
        }

        private void properties(ByteBuf in) {
            if (level == LEVEL_5) {
                int length = variable(in);
                need(in, length);
                in.skipBytes(length);
            }
        }

        private static String string(ByteBuf in) {
            ByteBuffer bytes = skip(in);
            try {
                String text = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
                if (text.indexOf('\0') >= 0) {
                    throw Refused.malformed("string: U+0000: expected none");
                }
                return text;
            } catch (CharacterCodingException e) {
                throw Refused.malformed("string: expected UTF-8");
            }
        }

        private static ByteBuffer skip(ByteBuf in) {
            need(in, 2);
            int length = in.readUnsignedShort();
            need(in, length);
            ByteBuffer bytes = in.nioBuffer(in.readerIndex(), length);
            in.skipBytes(length);
            return bytes;
        }

        private static void need(ByteBuf in, int count) {
            if (in.readableBytes() < count) {
                throw Refused.malformed("connect: ends inside a field");
            }
        }

        /**
         * MQTT names no host: the name that TLS was asked for, else the address that the client reached, so that it takes a route to
         * lead anywhere else.
         */
        private static HostPort target(Connection connection) {
            Peer peer = connection.peer();
            int port = peer.originalDestination()
                    .map(InetSocketAddress::getPort)
                    .orElseGet(() -> connection.ingress().port().orElse(DEFAULT_PORT));
            if (connection.sni().isPresent()) {
                return new HostPort(connection.sni().get(), port);
            }
            var reached = peer.originalDestination().isPresent()
                    ? peer.originalDestination().get()
                    : peer.local();
            String host = reached instanceof InetSocketAddress inet ? Ip.text(inet.getAddress()) : "unix.invalid";
            return new HostPort(host, port);
        }

        @Override
        public ByteBuf yes(Channel client, Channel upstream) {
            return Unpooled.EMPTY_BUFFER;
        }

        @Override
        public ByteBuf no(Channel client, Refused why) {
            if (level == LEVEL_5) {
                int reason = code != 0 ? code : reason5(why.reason());
                return client.alloc().buffer(5).writeBytes(new byte[] {0x20, 3, 0, (byte) reason, 0});
            }
            int reason = code == UNSUPPORTED_VERSION ? 1 : reason3(why.reason());
            boolean silent = level == 0 || reason == 0;
            return silent
                    ? Unpooled.EMPTY_BUFFER
                    : client.alloc().buffer(4).writeBytes(new byte[] {0x20, 2, 0, (byte) reason});
        }

        /** Return codes of 3.1.1 §3.2.2.3; there is none for a malformed packet. */
        private static int reason3(Refusal reason) {
            return switch (reason) {
                case MALFORMED -> 0;
                case UNAUTHENTICATED -> 4;
                case DENIED, NO_ROUTE -> 5;
                case UNRESOLVED,
                        UNREACHABLE,
                        CONNECTION_REFUSED,
                        TIMED_OUT,
                        UPSTREAM_IDENTITY,
                        OVERLOADED,
                        LOOP,
                        DRAINING,
                        INTERNAL -> 3;
            };
        }

        /** Reason codes of 5 §3.2.2.2. */
        private static int reason5(Refusal reason) {
            return switch (reason) {
                case MALFORMED -> 0x81;
                case UNAUTHENTICATED -> 0x86;
                case DENIED, NO_ROUTE -> 0x87;
                case OVERLOADED -> 0x89;
                case UNRESOLVED, UNREACHABLE, CONNECTION_REFUSED, TIMED_OUT, UPSTREAM_IDENTITY, LOOP, DRAINING -> 0x88;
                case INTERNAL -> 0x80;
            };
        }
    }
}
