package dev.ugate.discovery.dns;

import dev.ugate.model.Ip;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/** Which names are for servers, and under which they are asked. */
final class Names {
    /** What {@code localhost} and the names below it are (RFC 6761 §6.3). */
    static final List<InetAddress> LOOPBACK = List.of(
            Ip.of(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}), Ip.of(new byte[] {127, 0, 0, 1}));

    private static final int MAX_NAME = 253;

    private Names() {}

    static boolean isLoopback(String host) {
        return isUnder(host, "localhost");
    }

    /** Whether public servers must never see the name (RFC 6761 §6.4, RFC 7686). */
    static boolean isNowhere(String host) {
        return isUnder(host, "invalid") || isUnder(host, "onion");
    }

    /** A name with a dot stands for itself; one without is tried below each search domain first. */
    static List<String> candidates(String host, List<String> search) {
        List<String> candidates = new ArrayList<>();
        if (host.indexOf('.') < 0) {
            search.stream()
                    .map(domain -> host + "." + domain)
                    .filter(name -> name.length() <= MAX_NAME)
                    .forEach(candidates::add);
        }
        candidates.add(host);
        return candidates;
    }

    private static boolean isUnder(String host, String domain) {
        return host.endsWith(domain)
                && (host.length() == domain.length() || host.charAt(host.length() - domain.length() - 1) == '.');
    }
}
