package dev.ugate.protocols.ssh.reverse;

import dev.ugate.model.HostPort;
import dev.ugate.model.Identity;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.net.Failures;
import dev.ugate.net.reverse.Backoff;
import dev.ugate.net.reverse.Watch;
import dev.ugate.protocols.ssh.channel.Role;
import dev.ugate.protocols.ssh.server.ServerConnection;
import dev.ugate.spi.Ingress;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The connection that keeps this node reachable at one gateway: made again whenever it is lost. The gateway opens channels to us on it.
 * Lives on one loop.
 */
public final class Mooring {
    private final Terms terms;
    private final ServerConnection.Means means;
    private final EventLoop loop;
    private final Backoff backoff = new Backoff();
    private @Nullable Moored current;
    private boolean closing;

    /**
     * What a mooring is made of.
     *
     * @param names under which this node wants to be reached
     * @param way dials the gateway
     * @param identity whom the gateway proves to be
     * @param ingress what is told of the streams that come
     * @param watch is told what becomes of it
     */
    public record Terms(
            HostPort gateway,
            List<String> names,
            Way way,
            Optional<Identity> identity,
            Supplier<Ingress> ingress,
            Watch watch) {
        public Terms {
            names = List.copyOf(names);
        }
    }

    /** Dials the gateway. */
    @FunctionalInterface
    public interface Way {
        /** A connection that is logged in and serves {@code role}; {@code deadline} is a {@code System.nanoTime()} value. */
        Future<Channel> dial(EventLoop loop, long deadline, Role role);
    }

    /** Its loop is {@code loop}; streams are served with {@code means}. */
    public Mooring(Terms terms, ServerConnection.Means means, EventLoop loop) {
        this.terms = terms;
        this.means = means;
        this.loop = loop;
    }

    /** Connects, now and from then on; on any thread. */
    public void begin() {
        loop.execute(this::dial);
    }

    /** Lets what runs finish and takes nothing new; on any thread. */
    public void close() {
        loop.execute(() -> {
            closing = true;
            if (current != null) {
                current.drain();
            }
        });
    }

    private void dial() {
        if (closing) {
            return;
        }
        long patience = terms.ingress().get().settings().timeouts().connect().toNanos();
        Future<Channel> way;
        try {
            way = terms.way().dial(loop, System.nanoTime() + patience, new Moored(this, terms, means));
        } catch (RuntimeException e) {
            lost(Failures.refused(e));
            return;
        }
        way.addListener(done -> {
            if (!way.isSuccess()) {
                lost(Failures.refused(way.cause()));
            } else if (closing) {
                way.getNow().close();
            }
        });
    }

    /** Reachable by this connection. */
    void up(Moored connection) {
        current = connection;
        backoff.reset();
        terms.watch().up(terms.gateway());
    }

    /** That connection is over. */
    void gone(Moored connection, Refused why) {
        if (connection.equals(current)) {
            current = null;
        }
        lost(why);
    }

    private void lost(Refused why) {
        terms.watch().down(terms.gateway(), why);
        if (!closing) {
            loop.schedule(this::dial, backoff.next(), TimeUnit.MILLISECONDS);
        }
    }

    static Refused refusal() {
        return Refused.because(Refusal.DENIED, "gateway: does not let this node have its names");
    }
}
