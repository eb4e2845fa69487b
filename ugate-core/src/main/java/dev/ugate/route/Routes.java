package dev.ugate.route;

import dev.ugate.model.Intent;
import dev.ugate.model.Route;
import java.util.List;
import java.util.Optional;

/** An ordered list of routes, of which the first that fits an intent is taken. Immutable. */
public final class Routes {
    private final List<Route> routes;
    private final List<Optional<Route>> answers;

    public Routes(List<Route> routes) {
        this.routes = List.copyOf(routes);
        this.answers = this.routes.stream().map(Optional::of).toList();
    }

    /** The first route that fits; allocates nothing. */
    public Optional<Route> choose(Intent intent) {
        for (int i = 0; i < routes.size(); i++) {
            if (routes.get(i).when().test(intent)) {
                return answers.get(i);
            }
        }
        return Optional.empty();
    }

    public List<Route> all() {
        return routes;
    }
}
