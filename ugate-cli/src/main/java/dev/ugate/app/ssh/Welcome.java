package dev.ugate.app.ssh;

import dev.ugate.gate.LiveStreams;
import dev.ugate.gate.Plan;
import dev.ugate.gate.Snapshot;
import dev.ugate.model.HostPort;
import dev.ugate.model.Intent;
import dev.ugate.model.Peer;
import dev.ugate.net.Admission;
import dev.ugate.net.Loops;
import dev.ugate.net.reverse.Reverse;
import dev.ugate.protocols.ssh.Ssh;
import dev.ugate.protocols.ssh.server.Sockets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;

/** What there is for those who log in, and what they are told of it. */
public record Welcome(Snapshot<Plan> plan, Reverse reverse, LiveStreams live) {
    private static final int MOST_ROWS = 100;

    /** Ports that a name is likely to be asked for on. */
    private static final List<Integer> PORTS = List.of(22, 80, 443);

    /** As a server of SSH has it, which listens for guests on {@code loops} and looks at files in {@code blocking}. */
    public Ssh.House house(Loops loops, Admission admission, Executor blocking, Door door) {
        return new Ssh.House(
                reverse,
                Optional.of(gate -> new Sockets(loops, admission, gate, blocking)),
                door::offers,
                Optional.of(door.commands()),
                this::about);
    }

    /** The names that are reached through their own connections and that policy opens to the peer, and its live streams. */
    String about(Peer peer) {
        StringBuilder out = new StringBuilder();
        for (Reverse.Row row : reverse.rows()) {
            for (int port : PORTS) {
                HostPort target = new HostPort(row.name(), port);
                if (plan.read()
                        .policy()
                        .judge(Intent.bytes("ssh", peer, target))
                        .allowed()) {
                    out.append("may reach ").append(target).append('\n');
                }
            }
        }
        Optional<String> identity = peer.identity().map(Object::toString);
        List<LiveStreams.Row> own = live.rows(Integer.MAX_VALUE).stream()
                .filter(row -> row.identity().equals(identity))
                .toList();
        out.append("live streams: ").append(own.size()).append('\n');
        own.stream()
                .limit(MOST_ROWS)
                .forEach(row -> out.append("  ")
                        .append(row.protocol())
                        .append(" to ")
                        .append(row.to())
                        .append(" for ")
                        .append(row.age().toSeconds())
                        .append("s\n"));
        return out.toString();
    }
}
