package dev.ugate.config;

import dev.ugate.config.dns.DnsConfig;
import dev.ugate.config.mesh.PublicKey;
import dev.ugate.model.Balance;
import dev.ugate.model.Route;
import java.util.List;
import java.util.Optional;

/** The section {@code discovery}: which sources are asked in which order, and what each needs. */
public record DiscoveryConfig(List<String> chain, List<Service> services, DnsConfig dns) {
    public static final DiscoveryConfig STANDARD =
            new DiscoveryConfig(List.of("config", "dns"), List.of(), DnsConfig.STANDARD);

    /**
     * A service that the file itself describes.
     *
     * @param name host of the targets it answers for, whatever their port
     * @param endpoints each with its target; {@code through} is always empty
     * @param identity whom every endpoint must prove to be; that of {@code publicKey} unless the file says another
     * @param publicKey of the node behind the name, whose address is an alias of it
     */
    public record Service(
            String name,
            List<Route.Destination> endpoints,
            Optional<String> identity,
            Optional<Balance> balance,
            Optional<PublicKey> publicKey) {
        public Service {
            endpoints = List.copyOf(endpoints);
        }

        public Service(
                String name, List<Route.Destination> endpoints, Optional<String> identity, Optional<Balance> balance) {
            this(name, endpoints, identity, balance, Optional.empty());
        }
    }

    public DiscoveryConfig {
        chain = List.copyOf(chain);
        services = List.copyOf(services);
    }
}
