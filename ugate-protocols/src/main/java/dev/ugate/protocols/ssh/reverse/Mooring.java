package dev.ugate.protocols.ssh.reverse;

import dev.ugate.model.HostPort;
import dev.ugate.model.Identity;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.net.Failures;
import dev.ugate.net.reverse.Lines;
import dev.ugate.net.reverse.Watch;
import dev.ugate.protocols.ssh.channel.Role;
import dev.ugate.protocols.ssh.server.ServerConnection;
import dev.ugate.spi.Ingress;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The connection that keeps this node reachable at one gateway: made again whenever it is lost, and before it is lost where one of
 * both ends leaves. The gateway opens channels to us on it. Lives on one loop.
 */
public final class Mooring {
    private final Terms terms;
    private final ServerConnection.Means means;
    private final EventLoop loop;
    private final Lines lines;

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
        this.lines = new Lines(terms.gateway(), terms.watch(), loop, this::dial);
    }

    /** Connects, now and from then on; on any thread. */
    public void begin() {
        lines.begin();
    }

    /** Lets what runs finish and takes nothing new; on any thread. It is done when nothing runs any more. */
    public Future<?> close() {
        return lines.close();
    }

    private void dial() {
        long patience = terms.ingress().get().settings().timeouts().connect().toNanos();
        Moored moored = new Moored(lines, terms, means);
        Future<Channel> way;
        try {
            way = terms.way().dial(loop, System.nanoTime() + patience, moored);
        } catch (RuntimeException e) {
            lines.failed(Failures.refused(e));
            return;
        }
        way.addListener(done -> {
            if (way.isSuccess()) {
                if (lines.isClosing()) {
                    way.getNow().close();
                }
            } else if (!moored.isBegun()) {
                lines.failed(Failures.refused(way.cause()));
            }
        });
    }

    static Refused refusal() {
        return Refused.because(Refusal.DENIED, "gateway: does not let this node have its names");
    }
}
