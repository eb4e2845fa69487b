package dev.ugate.config.ssh;

import dev.ugate.model.HostPort;
import dev.ugate.model.Peer;
import java.util.List;
import java.util.Optional;

/**
 * What those who logged in may have of this machine beside streams: nothing unless somebody wrote it down.
 *
 * @param open Unix sockets that may be reached
 * @param listen where they may be listened on
 * @param forced whether the command that a key or a certificate says is run
 * @param commands of sessions, the first that is for the peer
 */
public record SshOffers(List<Sockets> open, List<Sockets> listen, boolean forced, List<Command> commands) {
    public static final SshOffers NOTHING = new SshOffers(List.of(), List.of(), false, List.of());

    /**
     * Unix sockets.
     *
     * @param name the host that policy knows them by
     */
    public record Sockets(PathPattern path, String name) {
        /** What policy knows those by that nobody named. */
        public static final String UNNAMED = "unix.localhost";

        public Sockets {
            name = new HostPort(name, 0).host();
        }
    }

    /**
     * What sessions run.
     *
     * @param from whose
     * @param line program and arguments
     * @param sftp the same for the subsystem of this name; empty for none
     */
    public record Command(Peer.Pattern from, List<String> line, List<String> sftp) {
        public Command {
            line = List.copyOf(line);
            sftp = List.copyOf(sftp);
        }
    }

    public SshOffers {
        open = List.copyOf(open);
        listen = List.copyOf(listen);
        commands = List.copyOf(commands);
    }

    /** What sessions of a peer run. */
    public Optional<Command> command(Peer peer) {
        return commands.stream().filter(each -> each.from().matches(peer)).findFirst();
    }
}
