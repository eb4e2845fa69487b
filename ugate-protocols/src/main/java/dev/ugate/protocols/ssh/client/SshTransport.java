package dev.ugate.protocols.ssh.client;

import dev.ugate.identity.SshCredential;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Shape;
import dev.ugate.net.pool.Opening;
import dev.ugate.net.pool.Pool;
import dev.ugate.net.pool.RequestCounts;
import dev.ugate.net.pool.Shared;
import dev.ugate.net.tls.LiveProofs;
import dev.ugate.net.tls.Renewals;
import dev.ugate.protocols.ssh.auth.Party;
import dev.ugate.protocols.ssh.channel.Role;
import dev.ugate.protocols.ssh.kex.Terms;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Settings;
import dev.ugate.spi.Transport;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.FastThreadLocal;
import io.netty.util.concurrent.Future;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * The carrier {@code ssh}: a stream in a channel of a connection that many share. The server is asked for the endpoint's host. Options:
 * {@code identity} (whom to expect where it is not the endpoint's; of several with commas between them, any), {@code user} (the name to
 * log in with), {@code host} (what the server is called in {@code ssh.knownHosts}, where nobody is expected).
 */
public final class SshTransport implements Transport {
    private static final Shared.Keeper<ClientConnection> NOBODY = new Shared.Keeper<>() {
        @Override
        public void freed(ClientConnection connection) {}

        @Override
        public void gone(ClientConnection connection) {}
    };

    private final Party party;
    private final Knock knock;
    private final Renewals<SshCredential> renewals;
    private final FastThreadLocal<Pool<PoolKey, ClientConnection, ClientConnection>> pools;

    /** {@code random} as in {@link Terms}. */
    public record Means(InstantSource clock, SecureRandom random, Executor arithmetic) {}

    /**
     * {@code settings} may change from one connection to the next; {@code proofs} looks after those to members of the mesh, {@code counts}
     * after all that streams share.
     */
    public SshTransport(
            Transport below,
            Party party,
            Supplier<Settings> settings,
            LiveProofs proofs,
            RequestCounts counts,
            Means means) {
        this.party = party;
        this.renewals = new Renewals<>(this::show, SshCredential::notAfter);
        Knock.Made made = (channel, dial, proof, shown) -> {
            proofs.add(channel, proof);
            renewals.add(channel, dial, shown);
        };
        this.knock = new Knock(below, new Knock.Means(party, settings, means, made));
        this.pools = new FastThreadLocal<>() {
            @Override
            protected Pool<PoolKey, ClientConnection, ClientConnection> initialValue() {
                return new Pool<>(
                        knock, settings, () -> settings.get().limits().mesh().meshIdle(), counts);
            }
        };
    }

    /** Must be called on {@code loop}. */
    @Override
    public Future<Channel> dial(Dial dial, EventLoop loop) {
        if (dial.intent().shape() == Shape.DATAGRAMS) {
            return loop.newFailedFuture(
                    Refused.because(Refusal.NO_ROUTE, Knock.NOUN + ": datagrams: expected a stream"));
        }
        return Opening.begin(new Channels(dial, loop), dial, loop);
    }

    /** A channel of a connection. */
    private final class Channels implements Opening.Way<ClientConnection> {
        private final Dial dial;
        private final EventLoop loop;

        Channels(Dial dial, EventLoop loop) {
            this.dial = dial;
            this.loop = loop;
        }

        @Override
        public String noun() {
            return Knock.NOUN;
        }

        @Override
        public Future<ClientConnection> place() {
            return pools.get().of(PoolKey.of(dial), dial, loop).lease(dial);
        }

        @Override
        public Future<Channel> open(ClientConnection place) {
            return place.tunnel(dial);
        }

        @Override
        public void giveBack(ClientConnection place) {
            place.giveBack();
        }
    }

    /** A connection for nothing but to show who we are. */
    private Future<Channel> show(Dial dial, EventLoop loop) {
        return greet(dial, loop, new ClientConnection(NOBODY));
    }

    /** A connection of its own, that is logged in and serves {@code role}; as {@link #dial}. */
    public Future<Channel> greet(Dial dial, EventLoop loop, Role role) {
        return knock.greet(dial, loop, role);
    }

    /** Looks after connections that show a credential which was renewed since; one thread asks, about once a second. */
    public void sweep(Instant now) {
        renewals.sweep(workload -> party.shown(workload).member().get(), now);
    }
}
