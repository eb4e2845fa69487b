package dev.ugate.protocols.http.reverse;

import dev.ugate.model.HostPort;
import dev.ugate.model.Identity;
import dev.ugate.model.Peer;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.http.Fields;
import dev.ugate.net.Failures;
import dev.ugate.net.Listener;
import dev.ugate.net.reverse.Lines;
import dev.ugate.net.reverse.Watch;
import dev.ugate.protocols.http.h2.ClientConnection;
import dev.ugate.protocols.http.h2.ServerConnection;
import dev.ugate.protocols.http.semantics.Intake;
import dev.ugate.protocols.http.semantics.Upstream;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Gate;
import dev.ugate.spi.Ingress;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The connection that keeps this node reachable at one gateway: made again whenever it is lost, and before it is lost where the gateway
 * says that it leaves. In the bytes of its tunnel we are the server of HTTP/2. Lives on one loop.
 */
public final class Mooring {
    private final Terms terms;
    private final Gate gate;
    private final Intake intake;
    private final EventLoop loop;
    private final Lines lines;

    /**
     * What a mooring is made of.
     *
     * @param names under which this node wants to be reached
     * @param way dials the gateway
     * @param identity whom the gateway proved to be
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
        /** As {@link dev.ugate.spi.Transport#dial}, with a channel for HTTP/2; {@code deadline} is a {@code System.nanoTime()} value. */
        Future<Channel> dial(EventLoop loop, long deadline);
    }

    /** Its loop is {@code loop}. */
    public Mooring(Terms terms, Gate gate, Intake intake, EventLoop loop) {
        this.terms = terms;
        this.gate = gate;
        this.intake = intake;
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
        Future<Channel> way;
        try {
            way = terms.way().dial(loop, System.nanoTime() + patience);
        } catch (RuntimeException e) {
            lines.failed(Failures.refused(e));
            return;
        }
        way.addListener(done -> {
            if (!way.isSuccess()) {
                lines.failed(Failures.refused(way.cause()));
            } else if (lines.isClosing() || !way.getNow().isActive()) {
                way.getNow().close();
                lines.failed(Refused.because(Refusal.UNREACHABLE, "connection ended"));
            } else {
                new Rope(way.getNow()).begin();
            }
        });
    }

    /** One connection to the gateway. */
    private final class Rope implements Upstream.Keeper {
        private final Channel channel;
        private final ClientConnection outer;
        private final Lines.Line line = lines.line(this::drain);
        private @Nullable Channel tunnel;

        Rope(Channel channel) {
            this.channel = channel;
            var settings = Pace.of(terms.ingress().get().settings());
            this.outer = new ClientConnection(channel, () -> settings, this, true);
        }

        void begin() {
            outer.begin();
        }

        @Override
        public void known(Upstream upstream) {
            if (!outer.takesProtocols()) {
                lost("takes no " + ReverseGate.PROTOCOL);
                return;
            }
            Fields names = Fields.of(ReverseGate.NAMES, String.join(",", terms.names()));
            outer.tunnel(terms.gateway(), Optional.of(ReverseGate.PROTOCOL), names)
                    .addListener((Future<Channel> opened) -> {
                        if (opened.isSuccess()) {
                            serve(opened.getNow());
                        } else {
                            line.lost(Failures.refused(opened.cause()));
                            outer.retire();
                        }
                    });
        }

        /** The gateway takes us for reachable when our settings came, which it says (RFC 9113 §6.5.3). */
        private void serve(Channel opened) {
            tunnel = opened;
            opened.closeFuture().addListener(closed -> lost("tunnel ended"));
            Ingress ingress = terms.ingress().get();
            ingress = ingress.withSettings(Pace.of(ingress.settings()));
            Peer peer = Peer.of(channel.remoteAddress(), channel.localAddress());
            Connection connection = Connection.accepted(ingress, peer).withTls(Optional.of("h2"), Optional.empty());
            terms.identity()
                    .map(identity -> connection.proven(identity, true))
                    .orElse(connection)
                    .on(opened);
            ServerConnection.keep(opened, gate, intake, line::up);
        }

        @Override
        public void freed(Upstream upstream) {
            // One stream is all that is asked of it.
        }

        /** The gateway leaves, and the tunnel goes on meanwhile; or the connection is lost. */
        @Override
        public void gone(Upstream upstream) {
            if (channel.isActive() && tunnel != null && tunnel.isActive()) {
                line.leaves();
            } else {
                lost("connection lost");
            }
        }

        private void lost(String why) {
            line.lost(Refused.because(Refusal.UNREACHABLE, "gateway: " + why));
            outer.retire();
        }

        private void drain() {
            if (tunnel != null) {
                tunnel.pipeline().fireUserEventTriggered(Listener.DRAINING);
            }
        }
    }
}
