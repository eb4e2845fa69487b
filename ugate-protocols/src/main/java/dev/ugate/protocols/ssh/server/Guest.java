package dev.ugate.protocols.ssh.server;

import dev.ugate.model.HostPort;
import dev.ugate.model.Identity;
import java.util.Optional;

/** Who logged in, and what the key or certificate allows beside the policy. */
public interface Guest {
    /** The login name: a label, it proves nothing. */
    String user();

    /** Who it is, for policy; empty where nobody had to say. */
    Optional<Identity> identity();

    /** Whether that is an identity of the mesh, proven as such. */
    boolean member();

    /** Whether streams to this target may be asked for. */
    boolean mayOpen(HostPort target);

    /** Whether streams to {@code host} and {@code port} here may be asked for by the guest. */
    boolean mayListen(String host, int port);

    /** Whether Unix sockets may be reached, as far as the key is concerned. */
    default boolean mayOpenSockets() {
        return false;
    }

    /** Whether they may be listened on. */
    default boolean mayListenOnSockets() {
        return false;
    }

    /** The command that the key says every session is to be. */
    default Optional<String> command() {
        return Optional.empty();
    }
}
