package dev.ugate.route;

import dev.ugate.model.Intent;
import dev.ugate.model.Route;
import java.util.List;
import java.util.Optional;

/** An ordered list of routes; the first match wins. */
public record Routes(List<Route> list) {
    public static final Routes NONE = new Routes(List.of());

    public Routes {
        list = List.copyOf(list);
    }

    public Optional<Route> choose(Intent intent) {
        for (Route route : list) {
            if (route.when().test(intent)) {
                return Optional.of(route);
            }
        }
        return Optional.empty();
    }
}
