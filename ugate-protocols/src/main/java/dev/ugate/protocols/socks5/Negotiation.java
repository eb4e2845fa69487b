package dev.ugate.protocols.socks5;

import dev.ugate.model.HostPort;
import dev.ugate.model.Identity;
import dev.ugate.model.Intent;
import dev.ugate.model.Peer;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.net.Dialogue;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Credentials;
import dev.ugate.spi.Gate;
import dev.ugate.spi.Ingress;
import dev.ugate.spi.Ingress.Forward;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The handshake of one SOCKS5 client: methods, perhaps a password, one request. Nothing in it is longer than 513 bytes. */
final class Negotiation implements Dialogue {
    private static final int ANONYMOUS = 0;
    private static final int PASSWORD = 2;
    private static final int NONE_ACCEPTABLE = 0xFF;
    private static final int CONNECT = 1;
    private static final int UDP_ASSOCIATE = 3;
    static final int FAILURE = 1;
    static final int COMMAND_UNSUPPORTED = 7;
    private static final int TYPE_UNSUPPORTED = 8;

    private enum Step {
        METHODS,
        PASSWORD,
        REQUEST
    }

    private final Gate gate;
    private Step step = Step.METHODS;
    private @Nullable CompletableFuture<Optional<Identity>> check;
    private Optional<Identity> proven = Optional.empty();
    private int code;

    Negotiation(Gate gate) {
        this.gate = gate;
    }

    @Override
    public Outcome read(Channel client, ByteBuf in) {
        Ingress ingress = Connection.of(client).ingress();
        if (step == Step.METHODS && !methods(client, in, ingress)) {
            return Outcome.MORE;
        }
        if (step == Step.PASSWORD) {
            if (check == null && !password(in, ingress)) {
                return Outcome.MORE;
            }
            if (check != null && !check.isDone()) {
                return new Wait(check);
            }
            proven(client, ingress);
        }
        return request(client, in);
    }

    /** {@code 05 n methods}; whether it was complete. */
    private boolean methods(Channel client, ByteBuf in, Ingress ingress) {
        version(in, Socks5.VERSION);
        int start = in.readerIndex();
        if (in.readableBytes() < 2 || in.readableBytes() < 2 + in.getUnsignedByte(start + 1)) {
            return false;
        }
        int count = in.getUnsignedByte(start + 1);
        int method = choose(offers(in, count, ANONYMOUS), offers(in, count, PASSWORD), mustProve(client, ingress));
        in.skipBytes(2 + count);
        say(client, Socks5.VERSION, method);
        step = method == PASSWORD ? Step.PASSWORD : Step.REQUEST;
        return true;
    }

    private static int choose(boolean anonymous, boolean password, boolean mustProve) {
        if (anonymous && !mustProve) {
            return ANONYMOUS;
        }
        if (!password) {
            throw Refused.because(
                    Refusal.UNAUTHENTICATED, "methods: none acceptable: expected " + (mustProve ? "2" : "0 or 2"));
        }
        return PASSWORD;
    }

    private static boolean offers(ByteBuf in, int count, int method) {
        return in.indexOf(in.readerIndex() + 2, in.readerIndex() + 2 + count, (byte) method) >= 0;
    }

    /** A peer that already proved who it is, by a certificate for instance, needs no password. */
    private static boolean mustProve(Channel client, Ingress ingress) {
        return ingress.forward() == Forward.AUTHENTICATED
                && Connection.of(client).peer().identity().isEmpty();
    }

    /** {@code 01 n user n password} (RFC 1929); whether it was complete, and its check begun. */
    private boolean password(ByteBuf in, Ingress ingress) {
        if (!in.isReadable()) {
            return false;
        }
        version(in, 1);
        int start = in.readerIndex();
        if (in.readableBytes() < 2) {
            return false;
        }
        int name = in.getUnsignedByte(start + 1);
        if (in.readableBytes() < 3 + name) {
            return false;
        }
        int secret = in.getUnsignedByte(start + 2 + name);
        if (in.readableBytes() < 3 + name + secret) {
            return false;
        }
        check = ingress.users()
                .check(
                        in.toString(start + 2, name, StandardCharsets.UTF_8),
                        in.toString(start + 3 + name, secret, StandardCharsets.UTF_8));
        in.skipBytes(3 + name + secret);
        return true;
    }

    private void proven(Channel client, Ingress ingress) {
        proven = check == null ? Optional.empty() : check.getNow(Optional.empty());
        // Where nobody has to prove anything and no users are known, any name will do: clients send one to keep
        // circuits apart.
        if (proven.isEmpty() && (mustProve(client, ingress) || !ingress.users().equals(Credentials.NONE))) {
            throw Refused.because(Refusal.UNAUTHENTICATED, "password: wrong user or password");
        }
        say(client, 1, 0);
        step = Step.REQUEST;
    }

    /** {@code 05 command 00 address}. Each field is judged as soon as it is there. */
    private Outcome request(Channel client, ByteBuf in) {
        if (!in.isReadable()) {
            return Outcome.MORE;
        }
        version(in, Socks5.VERSION);
        int start = in.readerIndex();
        int command = in.readableBytes() < 2 ? CONNECT : in.getUnsignedByte(start + 1);
        if (command != CONNECT && command != UDP_ASSOCIATE) {
            throw refused(COMMAND_UNSUPPORTED, "command " + command + ": expected 1 or 3");
        }
        int type = in.readableBytes() < 4 ? Address.IPV4 : in.getUnsignedByte(start + 3);
        if (!Address.isType(type)) {
            throw refused(TYPE_UNSUPPORTED, "address type " + type + ": expected 1, 3 or 4");
        }
        if (in.readableBytes() < 4 || in.readableBytes() < 3 + Address.size(in, start + 3)) {
            return Outcome.MORE;
        }
        in.skipBytes(3);
        HostPort target = Address.read(in);
        return command == CONNECT ? connect(client, target) : associate(client);
    }

    private Outcome connect(Channel client, HostPort target) {
        if (target.port() == 0) {
            throw Refused.malformed("port 0: expected 1 to 65535");
        }
        return new Open(Intent.bytes("socks5", peer(client), target));
    }

    /** The request's address is where the client thinks it will send from, which is not to be relied on behind NAT. */
    private Outcome associate(Channel client) {
        Peer peer = peer(client);
        if (Connection.of(client).ingress().forward() == Forward.NONE || !Control.isPossible(client, peer)) {
            throw refused(COMMAND_UNSUPPORTED, "command 3: no UDP through this listener");
        }
        return new Continue(() -> Control.begin(client, peer, gate));
    }

    private Peer peer(Channel client) {
        Peer peer = Connection.of(client).peer();
        return proven.map(peer::withIdentity).orElse(peer);
    }

    private Refused refused(int reply, String message) {
        code = reply;
        return Refused.malformed(message);
    }

    private static void version(ByteBuf in, int expected) {
        int version = in.getUnsignedByte(in.readerIndex());
        if (version != expected) {
            throw Refused.malformed("version " + version + ": expected " + expected);
        }
    }

    private static void say(Channel client, int version, int word) {
        client.writeAndFlush(client.alloc().buffer(2).writeByte(version).writeByte(word));
    }

    @Override
    public ByteBuf yes(Channel client, Channel upstream) {
        return reply(0, upstream.localAddress());
    }

    @Override
    public ByteBuf no(Channel client, Refused why) {
        return switch (step) {
            case METHODS -> Unpooled.wrappedBuffer(new byte[] {Socks5.VERSION, (byte) NONE_ACCEPTABLE});
            case PASSWORD -> Unpooled.wrappedBuffer(new byte[] {1, 1});
            case REQUEST -> reply(code != 0 ? code : code(why.reason()), null);
        };
    }

    /** {@code 05 code 00 address} (RFC 1928 §6). */
    static ByteBuf reply(int code, @Nullable SocketAddress bound) {
        ByteBuf out =
                Unpooled.buffer(22).writeByte(Socks5.VERSION).writeByte(code).writeByte(0);
        Address.write(out, bound);
        return out;
    }

    private static int code(Refusal reason) {
        return switch (reason) {
            case DENIED, NO_ROUTE, LOOP -> 2;
            case UNREACHABLE -> 3;
            case UNRESOLVED, TIMED_OUT -> 4;
            case CONNECTION_REFUSED -> 5;
            case MALFORMED, UNAUTHENTICATED, UPSTREAM_IDENTITY, OVERLOADED, DRAINING, INTERNAL -> FAILURE;
        };
    }
}
