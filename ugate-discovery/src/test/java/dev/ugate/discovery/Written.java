package dev.ugate.discovery;

import dev.ugate.config.DiscoveryConfig;
import dev.ugate.model.Route;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Services as the configuration hands them over. */
final class Written {
    private Written() {}

    /** A service over plain TCP with endpoints of weight 1. */
    static DiscoveryConfig.Service service(String name, String... endpoints) {
        List<Route.Destination> places =
                Arrays.stream(endpoints).map(text -> place(text, 1)).toList();
        return new DiscoveryConfig.Service(name, places, Optional.empty(), Optional.empty());
    }

    static Route.Destination place(String text, int weight) {
        return new Route.Destination(Optional.of(text), weight, List.of(), Optional.empty());
    }
}
