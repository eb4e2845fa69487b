package dev.ugate.app;

import dev.ugate.app.log.AccessLog;
import dev.ugate.config.Config;
import dev.ugate.config.ListenAddress;
import dev.ugate.config.ListenerConfig;
import dev.ugate.model.HostPort;
import dev.ugate.model.Ip;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a user reads after {@code ugate run}. */
final class Banner {
    private Banner() {}

    /** {@code bound} has the ports that the kernel chose; {@code admin} is where the admin interface is bound, if at all. */
    static String text(Map<ListenAddress, SocketAddress> bound, List<SocketAddress> admin, Config config) {
        StringBuilder out = new StringBuilder("ugate ").append(Build.VERSION).append('\n');
        String proxy = "";
        for (ListenerConfig listener : config.listeners()) {
            String at = address(bound.get(listener.address()), listener.address());
            out.append("  listening on ")
                    .append(at)
                    .append(": ")
                    .append(serves(listener))
                    .append('\n');
            if (proxy.isEmpty() && (listener.proxies("socks5") || listener.proxies("http"))) {
                proxy = (listener.proxies("socks5") ? "socks5h://" : "http://") + at;
            }
        }
        admin.forEach(
                at -> out.append("  admin on ").append(AccessLog.address(at)).append('\n'));
        if (!proxy.isEmpty()) {
            out.append("try: curl -x ")
                    .append(proxy.replace("0.0.0.0", "127.0.0.1").replace("[::]", "[::1]"))
                    .append(" http://example.com/\n");
        }
        return out.toString().stripTrailing();
    }

    private static String serves(ListenerConfig listener) {
        return listener.targets()
                .target()
                .map(target -> "to " + target)
                .orElse(
                        listener.protocols().isEmpty()
                                ? "every client protocol"
                                : String.join(", ", listener.protocols()));
    }

    private static String address(@Nullable SocketAddress bound, ListenAddress configured) {
        return bound instanceof InetSocketAddress inet
                ? (configured.medium() == ListenAddress.Medium.UDP ? "udp:" : "")
                        + new HostPort(Ip.text(inet.getAddress()), inet.getPort())
                : configured.toString();
    }
}
