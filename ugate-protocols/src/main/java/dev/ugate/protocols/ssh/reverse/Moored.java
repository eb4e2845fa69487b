package dev.ugate.protocols.ssh.reverse;

import dev.ugate.model.HostPort;
import dev.ugate.model.Identity;
import dev.ugate.model.Peer;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.net.reverse.Lines;
import dev.ugate.protocols.ssh.channel.Answer;
import dev.ugate.protocols.ssh.channel.Bounds;
import dev.ugate.protocols.ssh.channel.Engine;
import dev.ugate.protocols.ssh.channel.Role;
import dev.ugate.protocols.ssh.channel.SshChannel;
import dev.ugate.protocols.ssh.server.Guest;
import dev.ugate.protocols.ssh.server.NodeNames;
import dev.ugate.protocols.ssh.server.ServerConnection;
import dev.ugate.protocols.ssh.wire.Violation;
import dev.ugate.spi.Connection;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The node's end of one connection to a gateway: says the names, and serves the streams that the gateway opens. */
final class Moored implements Role {
    private final Mooring.Terms terms;
    private final ServerConnection inside;
    private final Lines.Line line;
    private @Nullable Engine engine;
    private boolean unneeded;

    /** The gateway, which may ask for everything that policy lets it. */
    private record Gateway(Optional<Identity> identity) implements Guest {
        @Override
        public String user() {
            return "gateway";
        }

        @Override
        public boolean member() {
            return true;
        }

        @Override
        public boolean mayOpen(HostPort target) {
            return true;
        }

        @Override
        public boolean mayListen(String host, int port) {
            return false;
        }
    }

    Moored(Lines lines, Mooring.Terms terms, ServerConnection.Means means) {
        this.line = lines.line(this::drain);
        this.terms = terms;
        this.inside = new ServerConnection(means, new Gateway(terms.identity()));
    }

    @Override
    public void begun(Engine open) {
        engine = open;
        Channel channel = open.packets().connection();
        Connection connection =
                Connection.accepted(terms.ingress().get(), Peer.of(channel.remoteAddress(), channel.localAddress()));
        terms.identity()
                .map(identity -> connection.proven(identity, true))
                .orElse(connection)
                .on(channel);
        inside.begun(open);
        open.keep(Bounds.Pace.of(terms.ingress().get().settings().limits().reverse()));
        NodeNames.ask(open, terms.names(), granted -> {
            if (granted) {
                line.up();
            } else {
                open.packets().disconnect(Violation.told(0, Mooring.refusal().text()));
            }
        });
    }

    /** Whether it got as far as to hear of its end. */
    boolean isBegun() {
        return engine != null;
    }

    private void drain() {
        if (engine != null && !unneeded) {
            unneeded = true;
            NodeNames.leave(engine, known -> {});
            engine.drain();
        }
    }

    /** Not before another connection took over. */
    @Override
    public boolean leaves() {
        line.leaves();
        return unneeded;
    }

    @Override
    public boolean asked(String type, SshChannel channel, ByteBuf rest) {
        return type.equals(ServerConnection.DIRECT) && inside.asked(type, channel, rest);
    }

    @Override
    public boolean asked(String name, ByteBuf rest, Answer answer) {
        if (!name.equals(NodeNames.DRAIN)) {
            return false;
        }
        answer.yes();
        line.leaves();
        return true;
    }

    @Override
    public void closed(Violation why) {
        inside.closed(why);
        if (engine == null) {
            return; // Whoever dialled hears of it.
        }
        line.lost(Refused.because(Refusal.UNREACHABLE, why.why().text()));
    }
}
