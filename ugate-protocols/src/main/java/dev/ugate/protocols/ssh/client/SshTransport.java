package dev.ugate.protocols.ssh.client;

import dev.ugate.identity.SshCredential;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Shape;
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
    private final Party party;
    private final Knock knock;
    private final Renewals<SshCredential> renewals;
    private final FastThreadLocal<Pool> pools;

    /** {@code random} as in {@link Terms}. */
    public record Means(InstantSource clock, SecureRandom random, Executor arithmetic) {}

    /**
     * {@code settings} may change from one connection to the next; {@code proofs} looks after those to members of the mesh.
     */
    public SshTransport(Transport below, Party party, Supplier<Settings> settings, LiveProofs proofs, Means means) {
        this.party = party;
        this.renewals = new Renewals<>(this::show, SshCredential::notAfter);
        Knock.Made made = (channel, dial, proof, shown) -> {
            proofs.add(channel, proof);
            renewals.add(channel, dial, shown);
        };
        this.knock = new Knock(below, new Knock.Means(party, settings, means, made));
        this.pools = new FastThreadLocal<>() {
            @Override
            protected Pool initialValue() {
                return new Pool(knock, settings);
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
        return new Tunnelling(() -> pools.get().lease(dial, loop), dial, loop).begin();
    }

    /** A connection for nothing but to show who we are. */
    private Future<Channel> show(Dial dial, EventLoop loop) {
        return greet(dial, loop, new ClientConnection());
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
