package dev.ugate.net;

import dev.ugate.model.HostPort;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Transport;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reaches an endpoint through a SOCKS5 proxy (RFC 1928), which is asked for the host by name. Options of the carrier: {@code user}
 * and {@code password} (RFC 1929).
 */
public final class Socks5Transport implements Transport {
    private static final int VERSION = 5;
    private static final int NO_PROOF = 0;
    private static final int PASSWORD = 2;
    private static final int NAME = 3;

    private final Transport below;

    public Socks5Transport(Transport below) {
        this.below = below;
    }

    @Override
    public Future<Channel> dial(Dial dial, EventLoop loop) {
        Map<String, String> options = dial.carrier().options();
        return LayerDial.through(below, dial, loop, "socks5 proxy", (channel, promise) -> UpstreamHandshake.begin(
                channel, new Client(dial.endpoint().host(), options.get("user"), options.get("password")), promise));
    }

    /** The client's side; what it waits for next decides how its bytes are read. */
    private static final class Client implements UpstreamHandshake.Script {
        private final HostPort target;
        private final byte[] user;
        private final byte[] password;
        private Wait wait = Wait.METHOD;

        private enum Wait {
            METHOD,
            STATUS,
            REPLY
        }

        Client(HostPort target, @Nullable String user, @Nullable String password) {
            this.target = target;
            this.user = bytes(user);
            this.password = bytes(password);
        }

        private static byte[] bytes(@Nullable String text) {
            byte[] bytes = text == null ? new byte[0] : text.getBytes(StandardCharsets.UTF_8);
            if (bytes.length > 255) {
                throw Refused.because(Refusal.INTERNAL, "login of " + bytes.length + " bytes: expected at most 255");
            }
            return bytes;
        }

        @Override
        public ByteBuf open(Channel proxy) {
            ByteBuf hello = proxy.alloc().buffer(4).writeByte(VERSION);
            return user.length == 0
                    ? hello.writeByte(1).writeByte(NO_PROOF)
                    : hello.writeByte(2).writeByte(PASSWORD).writeByte(NO_PROOF);
        }

        @Override
        public Optional<Boolean> read(Channel proxy, ByteBuf in) {
            return switch (wait) {
                case METHOD -> method(proxy, in);
                case STATUS -> status(proxy, in);
                case REPLY -> reply(in);
            };
        }

        private Optional<Boolean> method(Channel proxy, ByteBuf in) {
            if (in.readableBytes() < 2) {
                return Optional.empty();
            }
            version(in.readByte());
            int method = in.readUnsignedByte();
            if (method == PASSWORD && user.length > 0) {
                wait = Wait.STATUS;
                proxy.writeAndFlush(login(proxy));
            } else if (method == NO_PROOF) {
                ask(proxy);
            } else {
                throw Refused.because(Refusal.DENIED, "socks5 proxy: method " + method + ": expected one that we offered");
            }
            return read(proxy, in);
        }

        private ByteBuf login(Channel proxy) {
            ByteBuf login = proxy.alloc().buffer(3 + user.length + password.length).writeByte(1);
            return login.writeByte(user.length).writeBytes(user).writeByte(password.length).writeBytes(password);
        }

        private Optional<Boolean> status(Channel proxy, ByteBuf in) {
            if (in.readableBytes() < 2) {
                return Optional.empty();
            }
            in.skipBytes(1);
            if (in.readByte() != 0) {
                throw Refused.because(Refusal.DENIED, "socks5 proxy: user and password refused");
            }
            ask(proxy);
            return read(proxy, in);
        }

        private void ask(Channel proxy) {
            wait = Wait.REPLY;
            ByteBuf request = proxy.alloc().buffer(7 + 255).writeByte(VERSION).writeByte(1).writeByte(0);
            Optional<InetAddress> literal = target.literal();
            if (literal.isPresent()) {
                byte[] address = literal.get().getAddress();
                request.writeByte(address.length == 4 ? 1 : 4).writeBytes(address);
            } else {
                byte[] name = target.host().getBytes(StandardCharsets.US_ASCII);
                request.writeByte(NAME).writeByte(name.length).writeBytes(name);
            }
            proxy.writeAndFlush(request.writeShort(target.port()));
        }

        private Optional<Boolean> reply(ByteBuf in) {
            int at = in.readerIndex();
            if (in.readableBytes() < 2) {
                return Optional.empty();
            }
            version(in.getByte(at));
            int code = in.getUnsignedByte(at + 1);
            if (code != 0) {
                throw Refused.because(reason(code), "socks5 proxy: reply " + code);
            }
            if (in.readableBytes() < 5) {
                return Optional.empty();
            }
            int length = address(in.getUnsignedByte(at + 3), in.getUnsignedByte(at + 4));
            if (in.readableBytes() < 4 + length + 2) {
                return Optional.empty();
            }
            in.skipBytes(4 + length + 2);
            return Optional.of(true);
        }

        private static int address(int type, int first) {
            return switch (type) {
                case 1 -> 4;
                case NAME -> 1 + first;
                case 4 -> 16;
                default -> throw Refused.because(Refusal.UNREACHABLE, "socks5 proxy: address type " + type + ": expected 1, 3 or 4");
            };
        }

        private static void version(int version) {
            if (version != VERSION) {
                throw Refused.because(Refusal.UNREACHABLE, "socks5 proxy: version " + (version & 0xFF) + ": expected 5");
            }
        }

        /** RFC 1928 §6, the inverse of how we say no. */
        private static Refusal reason(int code) {
            return switch (code) {
                case 2 -> Refusal.DENIED;
                case 5 -> Refusal.CONNECTION_REFUSED;
                case 6 -> Refusal.TIMED_OUT;
                default -> Refusal.UNREACHABLE;
            };
        }
    }
}
