package dev.ugate.protocols.ssh.client;

import dev.ugate.identity.SshCredential;
import dev.ugate.model.Endpoint;
import dev.ugate.model.HostPort;
import dev.ugate.model.ssh.SshKey;
import dev.ugate.net.LayerDial;
import dev.ugate.net.pool.Connections;
import dev.ugate.net.pool.Shared;
import dev.ugate.net.tls.LiveProofs;
import dev.ugate.protocols.ssh.auth.ClientAuth;
import dev.ugate.protocols.ssh.auth.HostJudge;
import dev.ugate.protocols.ssh.auth.Party;
import dev.ugate.protocols.ssh.channel.Bounds;
import dev.ugate.protocols.ssh.channel.Engine;
import dev.ugate.protocols.ssh.channel.Role;
import dev.ugate.protocols.ssh.kex.Link;
import dev.ugate.protocols.ssh.kex.Renewal;
import dev.ugate.protocols.ssh.kex.Side;
import dev.ugate.protocols.ssh.kex.Terms;
import dev.ugate.protocols.ssh.wire.Layer;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Settings;
import dev.ugate.spi.Transport;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Makes connections that are logged in: dials below, takes no host but the expected one, shows who we are. A dial that expects an identity
 * meets a member of the mesh; one that expects none a host whose key is known.
 */
final class Knock implements Connections.Kind<ClientConnection, ClientConnection> {
    static final String NOUN = "ssh";

    /** A label for whoever reads logs: who it is, its certificate says. */
    private static final String USER = "ugate";

    private static final int USUAL_PORT = 22;

    private final Transport below;
    private final Means means;

    /**
     * What connections are made with.
     *
     * @param settings may change from one to the next
     * @param made hears of each that is logged in to a member of the mesh
     */
    record Means(Party party, Supplier<Settings> settings, SshTransport.Means own, Made made) {}

    /** Looks after connections to members of the mesh. */
    interface Made {
        /** {@code channel} was dialled by {@code dial}, and showed {@code shown}. */
        void made(Channel channel, Dial dial, LiveProofs.Proof proof, SshCredential shown);
    }

    Knock(Transport below, Means means) {
        this.below = below;
        this.means = means;
    }

    /** A connection that streams may go through. */
    @Override
    public Future<ClientConnection> dial(Dial dial, EventLoop loop, Shared.Keeper<ClientConnection> keeper) {
        ClientConnection connection = new ClientConnection(keeper);
        Promise<ClientConnection> promise = loop.newPromise();
        Future<Channel> way = greet(dial, loop, connection);
        promise.addListener(done -> {
            if (done.isCancelled()) {
                way.cancel(false);
            }
        });
        way.addListener(done -> {
            if (!way.isSuccess()) {
                promise.tryFailure(way.cause());
            } else if (!promise.trySuccess(connection)) {
                way.getNow().close();
            }
        });
        return promise;
    }

    @Override
    public boolean mayShare(Endpoint endpoint) {
        return true;
    }

    @Override
    public boolean isShared(ClientConnection connection) {
        return true;
    }

    @Override
    public void giveBack(ClientConnection place) {
        place.giveBack();
    }

    /** The channel of a connection that is logged in and serves {@code role}. */
    Future<Channel> greet(Dial dial, EventLoop loop, Role role) {
        return LayerDial.through(below, dial, loop, NOUN, (channel, promise) -> greet(dial, channel, promise, role));
    }

    private void greet(Dial dial, Channel channel, Promise<Channel> promise, Role role) {
        Set<String> expected = expected(dial);
        Settings settings = means.settings.get();
        Party.Shown shown = means.party.shown(dial.workload());
        HostJudge judge = new HostJudge(host(dial), expected, means.party, means.own.clock());
        String user = dial.carrier().options().getOrDefault("user", USER);
        boolean member = expected.stream().anyMatch(name -> !name.startsWith(SshKey.FORM));
        Layer inside = new Engine(role, Bounds.of(settings.limits().ssh()), settings);
        Layer login = new ClientAuth(user, ClientAuth.offers(shown, member), () -> {
            channel.eventLoop().execute(() -> promise.trySuccess(channel));
            judge.proven().ifPresent(proven -> {
                means.party.met(channel, proven.host());
                proven.member()
                        .ifPresent(proof -> means.made.made(
                                channel, dial, proof, shown.member().get()));
            });
            return inside;
        });
        Terms terms = new Terms(
                new Side.Client(judge),
                means.party.algorithms(),
                Renewal.of(settings.limits().ssh()),
                settings,
                means.own.random(),
                means.own.arithmetic());
        channel.pipeline()
                .addLast(new Link(channel, terms, new Overheard(login, why -> promise.tryFailure(why.why()))));
    }

    /** What the server is called by those who know its key. */
    private static HostPort host(Dial dial) {
        String named = dial.carrier().options().get("host");
        return named == null ? dial.endpoint().host() : HostPort.parse(named, USUAL_PORT);
    }

    private static Set<String> expected(Dial dial) {
        return Optional.ofNullable(dial.carrier().options().get("identity"))
                .or(() -> dial.endpoint().identity())
                .map(names -> Arrays.stream(names.split(","))
                        .map(String::strip)
                        .filter(name -> !name.isEmpty())
                        .collect(Collectors.toUnmodifiableSet()))
                .orElse(Set.of());
    }
}
