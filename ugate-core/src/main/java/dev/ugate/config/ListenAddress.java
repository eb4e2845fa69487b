package dev.ugate.config;

import dev.ugate.model.HostPort;
import dev.ugate.model.Ip;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Where a listener listens: {@code 10.0.0.1:443}, {@code *:443}, {@code udp:[::1]:53} or {@code unix:/run/ugate.sock}. */
public record ListenAddress(Medium medium, SocketAddress socket) {
    /** What carries the bytes to a listener. */
    public enum Medium {
        TCP,
        UDP,
        UNIX
    }

    /** {@code sun_path} holds 108 bytes with its final NUL (unix(7)). */
    private static final int MAX_SOCKET_PATH = 107;

    private static final String UNIX = "unix:";
    private static final String UDP = "udp:";

    /** Never asks DNS, so a host is a literal, {@code localhost} or {@code *}; throws {@link IllegalArgumentException}. */
    public static ListenAddress parse(String text) {
        if (text.startsWith(UNIX)) {
            return new ListenAddress(Medium.UNIX, UnixDomainSocketAddress.of(socketPath(text)));
        }
        boolean udp = text.startsWith(UDP);
        return new ListenAddress(udp ? Medium.UDP : Medium.TCP, internet(udp ? text.substring(UDP.length()) : text));
    }

    /** The absolute path of {@code unix:/path}; throws {@link IllegalArgumentException}. */
    static Path socketPath(String text) {
        String path = text.substring(UNIX.length());
        if (!path.startsWith("/")
                || path.indexOf('\0') >= 0
                || path.getBytes(StandardCharsets.UTF_8).length > MAX_SOCKET_PATH) {
            throw new IllegalArgumentException(
                    "socket '" + path + "': expected an absolute path of at most " + MAX_SOCKET_PATH + " bytes");
        }
        return Path.of(path).normalize();
    }

    private static InetSocketAddress internet(String text) {
        boolean any = text.startsWith("*:");
        String spelled = any ? "0.0.0.0" + text.substring(1) : text;
        HostPort address =
                HostPort.parse(spelled.startsWith("localhost:") ? "127.0.0.1" + spelled.substring(9) : spelled);
        InetAddress literal = address.literal()
                .orElseThrow(() -> new IllegalArgumentException(
                        "address '" + text + "': a name: expected a literal address, localhost or *"));
        return new InetSocketAddress(literal, address.port());
    }

    /** Whether only this machine can reach it: a Unix socket or a loopback address. */
    public boolean local() {
        return !(socket instanceof InetSocketAddress internet)
                || internet.getAddress().isLoopbackAddress();
    }

    /** The form of the configuration, which is also the listener's name in logs and metrics. */
    @Override
    public String toString() {
        if (socket instanceof InetSocketAddress internet) {
            String text = new HostPort(Ip.text(internet.getAddress()), internet.getPort()).toString();
            return medium == Medium.UDP ? UDP + text : text;
        }
        return UNIX + socket;
    }
}
