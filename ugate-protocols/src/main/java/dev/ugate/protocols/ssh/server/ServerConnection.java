package dev.ugate.protocols.ssh.server;

import dev.ugate.config.ssh.SshOffers;
import dev.ugate.model.HostPort;
import dev.ugate.model.Identity;
import dev.ugate.model.Intent;
import dev.ugate.model.Limits;
import dev.ugate.model.Peer;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Shape;
import dev.ugate.model.http.Fields;
import dev.ugate.protocols.ssh.channel.Answer;
import dev.ugate.protocols.ssh.channel.Bounds;
import dev.ugate.protocols.ssh.channel.Ends;
import dev.ugate.protocols.ssh.channel.Engine;
import dev.ugate.protocols.ssh.channel.Hops;
import dev.ugate.protocols.ssh.channel.Role;
import dev.ugate.protocols.ssh.channel.SshChannel;
import dev.ugate.protocols.ssh.program.Commands;
import dev.ugate.protocols.ssh.wire.Violation;
import dev.ugate.protocols.ssh.wire.Wire;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Gate;
import dev.ugate.spi.Registry;
import io.netty.buffer.ByteBuf;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The server's end of a connection whose client logged in: what it asks for goes through the gate. */
public final class ServerConnection implements Role {
    /** The word of streams that came this way. */
    static final String WORD = "ssh";

    /** The type of channels that go somewhere. */
    public static final String DIRECT = "direct-tcpip";

    private static final int MOST_HOST = 256;

    private final Means means;
    private final Guest guest;
    private @Nullable Engine engine;
    private @Nullable Forwards forwards;
    private @Nullable StreamLocal local;
    private @Nullable NodeNames names;
    private Sessions sessions = Sessions.WELCOME;

    private enum Sessions {
        WELCOME,
        /** The client said so, so that nobody can begin one who takes over its process. */
        NO_MORE
    }

    /**
     * What connections are served with.
     *
     * @param sockets empty where nobody may listen on this machine
     * @param offers what else guests may have of it
     * @param commands empty where sessions run nothing
     * @param about what a peer is told of what it may reach
     */
    public record Means(
            Gate gate,
            Registry registry,
            Optional<Sockets> sockets,
            Supplier<SshOffers> offers,
            Optional<Commands> commands,
            Function<Peer, String> about,
            Hops hops) {}

    public ServerConnection(Means means, Guest guest) {
        this.means = means;
        this.guest = guest;
    }

    @Override
    public void begun(Engine open) {
        engine = open;
        forwards = new Forwards(open, guest, means.registry, means.sockets);
        local = new StreamLocal(open, guest, means);
    }

    private Engine engine() {
        return Objects.requireNonNull(engine);
    }

    private Forwards forwards() {
        return Objects.requireNonNull(forwards);
    }

    private StreamLocal local() {
        return Objects.requireNonNull(local);
    }

    /** Tells the journal of a wish that was not granted. */
    static void failed(Engine engine, Refused why) {
        Connection connection = Connection.of(engine.packets().connection());
        connection.ingress().settings().journal().failed(connection, WORD, why);
    }

    @Override
    public boolean asked(String type, SshChannel channel, ByteBuf rest) {
        switch (type) {
            case DIRECT -> direct(channel, rest);
            case "direct-streamlocal@openssh.com" ->
                local().open(
                                channel,
                                rest,
                                (target, path) -> means.gate.open(new DirectStream(
                                        channel,
                                        intent(channel, target, Fields.NONE).with(Intent.SOCKET, path.toString()))));
            case "session" -> session(channel);
            default -> {
                return false;
            }
        }
        return true;
    }

    private void direct(SshChannel channel, ByteBuf rest) {
        Ends ends = Ends.read(rest);
        Fields onward = means.hops.onward(rest);
        HostPort target = new HostPort(ends.host(), (int) Math.min(ends.port(), Integer.MAX_VALUE));
        if (target.port() == 0) {
            throw Refused.malformed("port 0: expected 1 to 65535");
        }
        if (!guest.mayOpen(target)) {
            throw Refused.because(Refusal.DENIED, "key of " + guest.user() + ": does not allow " + target);
        }
        means.gate.open(new DirectStream(channel, intent(channel, target, onward)));
    }

    private void session(SshChannel channel) {
        if (sessions == Sessions.NO_MORE) {
            throw Violation.protocol("session: none after no-more-sessions");
        }
        Session.begin(channel, guest, means, this::text);
    }

    /** What a guest without a command is told. */
    private String text() {
        Peer peer = Connection.of(engine().packets().connection()).peer();
        StringBuilder out = new StringBuilder("you are ").append(guest).append('\n');
        forwards().all().stream()
                .map(Object::toString)
                .sorted()
                .forEach(place -> out.append("reached by ").append(place).append('\n'));
        local().all().stream()
                .sorted()
                .forEach(path -> out.append("reached by ").append(path).append('\n'));
        return out.append(means.about.apply(peer)).toString();
    }

    private Intent intent(SshChannel channel, HostPort target, Fields onward) {
        Peer peer = Connection.of(channel.child()).peer();
        return new Intent(WORD, peer, target, Shape.BYTES, Map.of("user", guest.user()), onward);
    }

    @Override
    public boolean asked(String name, ByteBuf rest, Answer answer) {
        switch (name) {
            case "tcpip-forward" -> forwards().ask(Wire.text(rest, MOST_HOST), Wire.u32(rest), answer);
            case "cancel-tcpip-forward" -> forwards().cancel(Wire.text(rest, MOST_HOST), Wire.u32(rest), answer);
            case "streamlocal-forward@openssh.com" -> local().ask(rest, answer);
            case "cancel-streamlocal-forward@openssh.com" -> local().cancel(rest, answer);
            case NodeNames.REQUEST -> node(rest, answer);
            case NodeNames.DRAIN -> moved(answer);
            case "no-more-sessions@openssh.com" -> {
                sessions = Sessions.NO_MORE;
                answer.yes();
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private Limits limits() {
        return Connection.of(engine().packets().connection())
                .ingress()
                .settings()
                .limits();
    }

    /** A member of the mesh wants to be reached through this connection. */
    private void node(ByteBuf rest, Answer answer) {
        try {
            Identity owner = guest.identity()
                    .filter(identity -> guest.member())
                    .orElseThrow(() -> Refused.because(Refusal.DENIED, "no member: expected a peer of the mesh"));
            if (names == null) {
                names = new NodeNames(engine());
            }
            names.take(rest, owner, means.registry);
            engine().keep(Bounds.Pace.of(limits().reverse()));
            answer.yes();
        } catch (Refused refused) {
            failed(engine(), refused.in("names"));
            answer.no();
        }
    }

    /** The node is reached elsewhere from now on, or nowhere. */
    private void moved(Answer answer) {
        if (names == null) {
            answer.no();
        } else {
            answer.yes();
            names.left();
        }
    }

    @Override
    public boolean leaves() {
        return names == null || names.leaves(limits().reverse().reversePatience());
    }

    @Override
    public void closed(Violation why) {
        if (forwards != null) {
            forwards.close();
        }
        if (local != null) {
            local.close();
        }
        if (names != null) {
            names.close();
        }
    }
}
