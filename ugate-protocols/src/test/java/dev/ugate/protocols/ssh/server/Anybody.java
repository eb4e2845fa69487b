package dev.ugate.protocols.ssh.server;

import dev.ugate.model.HostPort;
import dev.ugate.model.Identity;
import java.util.Optional;

/** Somebody whose key allows everything. */
public record Anybody(String user, Optional<Identity> identity) implements Guest {
    @Override
    public boolean member() {
        return false;
    }

    @Override
    public boolean mayOpen(HostPort target) {
        return true;
    }

    @Override
    public boolean mayListen(String host, int port) {
        return true;
    }

    @Override
    public boolean mayOpenSockets() {
        return true;
    }

    @Override
    public boolean mayListenOnSockets() {
        return true;
    }

    @Override
    public String toString() {
        return identity.map(Identity::name).orElse("nobody");
    }
}
