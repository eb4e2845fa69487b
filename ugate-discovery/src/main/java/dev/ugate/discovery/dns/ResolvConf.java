package dev.ugate.discovery.dns;

import dev.ugate.model.HostPort;
import dev.ugate.model.Ip;
import dev.ugate.model.Refused;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Servers and search domains of the machine (resolv.conf(5)); its options are not used. */
record ResolvConf(List<InetSocketAddress> servers, List<String> search) {
    /** MAXNS of resolv.conf(5). */
    private static final int MAX_SERVERS = 3;

    private static final int MAX_SEARCH = 6;
    private static final int DNS_PORT = 53;

    ResolvConf {
        servers = List.copyOf(servers);
        search = List.copyOf(search);
    }

    static ResolvConf parse(List<String> lines) {
        List<InetSocketAddress> servers = new ArrayList<>();
        List<String> search = List.of();
        for (String line : lines) {
            String[] words = line.split("[#;]", 2)[0].strip().split("\\s+", -1);
            if (words.length < 2) {
                continue;
            }
            if (words[0].equals("nameserver") && servers.size() < MAX_SERVERS) {
                Ip.parse(words[1]).ifPresent(address -> servers.add(new InetSocketAddress(address, DNS_PORT)));
            } else if (words[0].equals("search") || words[0].equals("domain")) {
                search = domains(Arrays.asList(words).subList(1, words.length));
            }
        }
        if (servers.isEmpty()) {
            // The name server of the machine itself, as resolv.conf(5) says.
            servers.add(new InetSocketAddress(Ip.of(new byte[] {127, 0, 0, 1}), DNS_PORT));
        }
        return new ResolvConf(servers, search);
    }

    /** The domains that can be part of a name, in their canonical form. */
    private static List<String> domains(List<String> words) {
        return words.stream()
                .map(ResolvConf::domain)
                .flatMap(Optional::stream)
                .limit(MAX_SEARCH)
                .toList();
    }

    private static Optional<String> domain(String word) {
        try {
            return Optional.of(new HostPort(word, 0).host());
        } catch (Refused noDomain) {
            return Optional.empty();
        }
    }
}
