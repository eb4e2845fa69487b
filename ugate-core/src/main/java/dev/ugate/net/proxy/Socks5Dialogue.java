package dev.ugate.net.proxy;

import dev.ugate.model.HostPort;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/** A client of SOCKS5 (RFC 1928), with a password (RFC 1929) where one is configured. No answer is longer than 262 bytes. */
final class Socks5Dialogue implements ProxyDialogue {
    private static final int VERSION = 5;
    private static final int CONNECT = 1;
    private static final int ANONYMOUS = 0;
    private static final int PASSWORD = 2;
    private static final int NONE_ACCEPTABLE = 0xFF;
    private static final int IPV4 = 1;
    private static final int NAME = 3;
    private static final int IPV6 = 4;

    /** Longest user or password: its length is one byte. */
    private static final int MAX_TEXT = 255;

    private enum Step {
        METHOD,
        PASSWORD,
        REPLY
    }

    private final HostPort target;
    private final Optional<String> user;
    private final String password;
    private Step step = Step.METHOD;

    Socks5Dialogue(HostPort target, Map<String, String> options) {
        this.target = target;
        this.user = Optional.ofNullable(options.get("user"));
        this.password = options.getOrDefault("password", "");
    }

    @Override
    public ByteBuf hello(Channel proxy) {
        ByteBuf out = proxy.alloc().buffer(4).writeByte(VERSION);
        return user.isEmpty()
                ? out.writeByte(1).writeByte(ANONYMOUS)
                : out.writeByte(2).writeByte(ANONYMOUS).writeByte(PASSWORD);
    }

    @Override
    public boolean read(Channel proxy, ByteBuf in) {
        return switch (step) {
            case METHOD -> in.readableBytes() >= 2 && method(proxy, in);
            case PASSWORD -> in.readableBytes() >= 2 && password(proxy, in);
            case REPLY -> reply(in);
        };
    }

    private boolean method(Channel proxy, ByteBuf in) {
        version(in.readUnsignedByte(), VERSION);
        int method = in.readUnsignedByte();
        if (method == NONE_ACCEPTABLE) {
            // Not UNAUTHENTICATED: it is our login that is wrong, and the client cannot mend it.
            throw Refused.because(Refusal.DENIED, "method 255: proxy wants another login");
        } else if (method == PASSWORD && user.isPresent()) {
            step = Step.PASSWORD;
            proxy.writeAndFlush(login(proxy, user.get()));
        } else if (method == ANONYMOUS) {
            request(proxy);
        } else {
            throw strange("method " + method + ": expected one that was offered");
        }
        return false;
    }

    private ByteBuf login(Channel proxy, String name) {
        byte[] first = text(name, "user");
        byte[] second = text(password, "password");
        ByteBuf out = proxy.alloc().buffer(3 + first.length + second.length).writeByte(1);
        return out.writeByte(first.length)
                .writeBytes(first)
                .writeByte(second.length)
                .writeBytes(second);
    }

    private static byte[] text(String value, String noun) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > MAX_TEXT) {
            throw Refused.because(
                    Refusal.DENIED, noun + " of " + bytes.length + " bytes: expected at most " + MAX_TEXT);
        }
        return bytes;
    }

    private boolean password(Channel proxy, ByteBuf in) {
        version(in.readUnsignedByte(), 1);
        int status = in.readUnsignedByte();
        if (status != 0) {
            throw Refused.because(Refusal.DENIED, "password status " + status + ": proxy refuses our login");
        }
        request(proxy);
        return false;
    }

    /** {@code 05 01 00 type address port}; a name stays a name. */
    private void request(Channel proxy) {
        step = Step.REPLY;
        ByteBuf out = proxy.alloc()
                .buffer(7 + MAX_TEXT)
                .writeByte(VERSION)
                .writeByte(CONNECT)
                .writeByte(0);
        Optional<InetAddress> literal = target.literal();
        if (literal.isPresent()) {
            byte[] address = literal.get().getAddress();
            out.writeByte(address.length == 4 ? IPV4 : IPV6).writeBytes(address);
        } else {
            byte[] name = target.host().getBytes(StandardCharsets.US_ASCII);
            out.writeByte(NAME).writeByte(name.length).writeBytes(name);
        }
        proxy.writeAndFlush(out.writeShort(target.port()));
    }

    /** {@code 05 code 00 type address port}; the code of a refusal is heard as soon as it is there. */
    private static boolean reply(ByteBuf in) {
        int start = in.readerIndex();
        if (in.readableBytes() < 2) {
            return false;
        }
        version(in.getUnsignedByte(start), VERSION);
        int code = in.getUnsignedByte(start + 1);
        if (code != 0) {
            throw Refused.because(reason(code), "reply " + code + ": " + meaning(code));
        }
        if (in.readableBytes() < 5) {
            return false;
        }
        int size = 6 + size(in.getUnsignedByte(start + 3), in.getUnsignedByte(start + 4));
        if (in.readableBytes() < size) {
            return false;
        }
        in.skipBytes(size);
        return true;
    }

    private static int size(int type, int first) {
        return switch (type) {
            case IPV4 -> 4;
            case NAME -> 1 + first;
            case IPV6 -> 16;
            default -> throw strange("address type " + type + ": expected 1, 3 or 4");
        };
    }

    private static void version(int version, int expected) {
        if (version != expected) {
            throw strange("version " + version + ": expected " + expected);
        }
    }

    /** The proxy's fault, not the client's. */
    private static Refused strange(String text) {
        return Refused.because(Refusal.UNREACHABLE, text);
    }

    /** RFC 1928 §6, so that a client of ours hears the code that we heard. */
    private static Refusal reason(int code) {
        return switch (code) {
            case 2 -> Refusal.DENIED;
            case 4 -> Refusal.UNRESOLVED;
            case 5 -> Refusal.CONNECTION_REFUSED;
            case 6 -> Refusal.TIMED_OUT;
            default -> Refusal.UNREACHABLE;
        };
    }

    private static String meaning(int code) {
        return switch (code) {
            case 1 -> "general failure";
            case 2 -> "not allowed";
            case 3 -> "network unreachable";
            case 4 -> "host unreachable";
            case 5 -> "connection refused";
            case 6 -> "time to live expired";
            case 7 -> "command not supported";
            case 8 -> "address type not supported";
            default -> "expected 0 to 8";
        };
    }
}
