package dev.ugate.net;

import dev.ugate.model.HostPort;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Transport;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Reaches an endpoint through an HTTP proxy by CONNECT (RFC 9110 §9.3.6), which is asked for the host by name. Options of the
 * carrier: {@code user} and {@code password} (RFC 7617).
 */
public final class HttpConnectTransport implements Transport {
    /** L31. */
    private static final int MOST_HEAD = 32 << 10;

    private final Transport below;

    public HttpConnectTransport(Transport below) {
        this.below = below;
    }

    @Override
    public Future<Channel> dial(Dial dial, EventLoop loop) {
        String request = request(dial.endpoint().host(), dial.carrier().options());
        return LayerDial.through(
                below, dial, loop, "http proxy", (channel, promise) -> UpstreamHandshake.begin(channel, new Client(request), promise));
    }

    private static String request(HostPort target, Map<String, String> options) {
        StringBuilder head = new StringBuilder(128);
        head.append("CONNECT ").append(target).append(" HTTP/1.1\r\nHost: ").append(target).append("\r\n");
        String user = options.get("user");
        if (user != null) {
            String login = user + ":" + options.getOrDefault("password", "");
            String encoded = Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8));
            head.append("Proxy-Authorization: Basic ").append(encoded).append("\r\n");
        }
        return head.append("\r\n").toString();
    }

    /** Sends one request and reads one head; a body belongs to a refusal and is not read. */
    private record Client(String request) implements UpstreamHandshake.Script {
        @Override
        public ByteBuf open(Channel proxy) {
            return ByteBufUtil.writeAscii(proxy.alloc(), request);
        }

        @Override
        public Optional<Boolean> read(Channel proxy, ByteBuf in) {
            int end = end(in);
            if (end < 0) {
                if (in.readableBytes() > MOST_HEAD) {
                    throw Refused.because(Refusal.UNREACHABLE, "http proxy: head of more than " + MOST_HEAD + " bytes: expected less");
                }
                return Optional.empty();
            }
            String head = in.readCharSequence(end - in.readerIndex(), StandardCharsets.ISO_8859_1).toString();
            int status = status(head);
            if (status / 100 == 1 && status != 101) {
                return read(proxy, in);
            }
            if (status / 100 != 2) {
                throw Refused.because(reason(status, head), "http proxy: status " + status);
            }
            return Optional.of(true);
        }

        /** The index behind the empty line, −1 when it is not there yet. */
        private static int end(ByteBuf in) {
            for (int at = in.readerIndex(); at + 3 < in.writerIndex(); at++) {
                if (in.getInt(at) == 0x0D0A0D0A) {
                    return at + 4;
                }
            }
            return -1;
        }

        private static int status(String head) {
            if (!head.startsWith("HTTP/1.") || head.length() < 13 || head.charAt(8) != ' ') {
                throw Refused.because(Refusal.UNREACHABLE, "http proxy: expected a status line of HTTP/1");
            }
            String digits = head.substring(9, 12);
            if (!digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
                throw Refused.because(Refusal.UNREACHABLE, "http proxy: expected a status of three digits");
            }
            return Integer.parseInt(digits);
        }

        /** The precise reason where the proxy gives one in Proxy-Status, else what the status says. */
        private static Refusal reason(int status, String head) {
            for (String line : head.split("\r\n", 0)) {
                if (line.toLowerCase(Locale.ROOT).startsWith("proxy-status:")) {
                    Optional<Refusal> told = ProxyError.in(line);
                    if (told.isPresent()) {
                        return told.get();
                    }
                }
            }
            return switch (status) {
                case 401, 403, 407 -> Refusal.DENIED;
                case 404 -> Refusal.NO_ROUTE;
                case 503 -> Refusal.OVERLOADED;
                case 504 -> Refusal.TIMED_OUT;
                case 508 -> Refusal.LOOP;
                default -> Refusal.UNREACHABLE;
            };
        }
    }
}
