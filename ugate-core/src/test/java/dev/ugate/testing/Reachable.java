package dev.ugate.testing;

import dev.ugate.model.HostPort;
import dev.ugate.model.Refused;
import dev.ugate.net.reverse.Watch;
import java.util.ArrayList;
import java.util.List;

/** Notes whether a node can be reached through its gateway: {@code up} and {@code down}, as it was told. */
public final class Reachable implements Watch {
    private final List<String> told = new ArrayList<>();

    public List<String> told() {
        return told;
    }

    @Override
    public void up(HostPort gateway) {
        told.add("up");
    }

    @Override
    public void down(HostPort gateway, Refused why) {
        told.add("down");
    }
}
