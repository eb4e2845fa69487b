package dev.ugate.discovery.dns;

import dev.ugate.model.HostPort;
import dev.ugate.model.Ip;
import dev.ugate.model.Refused;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Names with fixed addresses, as in {@code /etc/hosts} (hosts(5)); lines that make no sense are passed over. */
record Hosts(Map<String, List<InetAddress>> names) {
    Hosts {
        names = Map.copyOf(names);
    }

    static Hosts parse(List<String> lines) {
        Map<String, List<InetAddress>> names = new HashMap<>();
        for (String line : lines) {
            int comment = line.indexOf('#');
            String[] words =
                    (comment < 0 ? line : line.substring(0, comment)).strip().split("\\s+", -1);
            Optional<InetAddress> address = Ip.parse(words[0]);
            for (int i = 1; i < words.length && address.isPresent(); i++) {
                List<InetAddress> known = names.computeIfAbsent(canonical(words[i]), name -> new ArrayList<>());
                if (!known.contains(address.get())) {
                    known.add(address.get());
                }
            }
        }
        names.replaceAll((name, addresses) -> ordered(addresses));
        return new Hosts(names);
    }

    Optional<List<InetAddress>> find(String name) {
        return Optional.ofNullable(names.get(name));
    }

    private static List<InetAddress> ordered(List<InetAddress> addresses) {
        return List.copyOf(Families.alternating(
                addresses.stream().filter(Inet6Address.class::isInstance).toList(),
                addresses.stream().filter(Inet4Address.class::isInstance).toList()));
    }

    private static String canonical(String name) {
        try {
            return new HostPort(name, 0).host();
        } catch (Refused noHost) {
            // Nobody can ask for it; it is kept so that the line needs no special case.
            return name;
        }
    }
}
