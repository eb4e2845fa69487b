package dev.ugate.protocols.http.reverse;

import dev.ugate.model.HostPort;
import dev.ugate.model.Identity;
import dev.ugate.model.Peer;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.http.Fields;
import dev.ugate.net.Failures;
import dev.ugate.net.Listener;
import dev.ugate.net.reverse.Backoff;
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
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The connection that keeps this node reachable at one gateway: made again whenever it is lost, and before it is lost where the gateway
 * says that it leaves. In the bytes of its tunnel we are the server of HTTP/2. Lives on one loop.
 */
public final class Mooring {
    private static final long SETTLED_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Terms terms;
    private final Gate gate;
    private final Intake intake;
    private final EventLoop loop;
    private final Backoff backoff = new Backoff();
    private @Nullable Rope current;
    private boolean closing;

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
            way = terms.way().dial(loop, System.nanoTime() + patience);
        } catch (RuntimeException e) {
            again(Failures.refused(e));
            return;
        }
        way.addListener(done -> {
            if (!way.isSuccess()) {
                again(Failures.refused(way.cause()));
            } else if (closing || !way.getNow().isActive()) {
                way.getNow().close();
                again(Refused.because(Refusal.UNREACHABLE, "connection ended"));
            } else {
                new Rope(way.getNow()).begin();
            }
        });
    }

    private void again(Refused why) {
        if (current == null) {
            terms.watch().down(terms.gateway(), why);
        }
        if (!closing) {
            loop.schedule(this::dial, backoff.next(), TimeUnit.MILLISECONDS);
        }
    }

    /** One connection to the gateway. */
    private final class Rope implements Upstream.Keeper {
        private final Channel channel;
        private final ClientConnection outer;
        private @Nullable Channel tunnel;
        private long since;
        private boolean over;

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
                lost(Refused.because(Refusal.UNREACHABLE, "gateway: takes no " + ReverseGate.PROTOCOL));
                outer.retire();
                return;
            }
            Fields names = Fields.of(ReverseGate.NAMES, String.join(",", terms.names()));
            outer.tunnel(terms.gateway(), Optional.of(ReverseGate.PROTOCOL), names)
                    .addListener((Future<Channel> opened) -> {
                        if (opened.isSuccess()) {
                            serve(opened.getNow());
                        } else {
                            lost(Failures.refused(opened.cause()));
                            outer.retire();
                        }
                    });
        }

        private void serve(Channel opened) {
            tunnel = opened;
            opened.closeFuture().addListener(closed -> {
                lost(Refused.because(Refusal.UNREACHABLE, "gateway: tunnel ended"));
                outer.retire();
            });
            Ingress ingress = terms.ingress().get();
            ingress = ingress.withSettings(Pace.of(ingress.settings()));
            Peer peer = Peer.of(channel.remoteAddress(), channel.localAddress());
            Connection connection = Connection.accepted(ingress, peer).withTls(Optional.of("h2"), Optional.empty());
            terms.identity()
                    .map(identity -> connection.proven(identity, true))
                    .orElse(connection)
                    .on(opened);
            ServerConnection.serve(opened, gate, intake);
            backoff.reset();
            Rope before = current;
            current = this;
            since = System.nanoTime();
            if (before != null) {
                before.drain();
            }
            terms.watch().up(terms.gateway());
            if (closing) {
                drain();
            }
        }

        @Override
        public void freed(Upstream upstream) {
            // One stream is all that is asked of it.
        }

        /** The gateway leaves, and the tunnel goes on meanwhile; or the connection is lost. */
        @Override
        public void gone(Upstream upstream) {
            boolean leaves = channel.isActive() && tunnel != null && tunnel.isActive();
            if (!leaves || current != this || closing || over) {
                lost(Refused.because(Refusal.UNREACHABLE, "gateway: connection lost"));
                return;
            }
            over = true;
            // One that leaves as soon as we come is not asked again at once.
            long wait = System.nanoTime() - since < SETTLED_NANOS ? backoff.next() : 0;
            loop.schedule(Mooring.this::dial, wait, TimeUnit.MILLISECONDS);
        }

        private void lost(Refused why) {
            boolean known = over;
            boolean served = current == this;
            over = true;
            if (served) {
                current = null;
            }
            if (!known) {
                again(why);
            } else if (served) {
                terms.watch().down(terms.gateway(), why);
            }
        }

        void drain() {
            if (tunnel != null) {
                tunnel.pipeline().fireUserEventTriggered(Listener.DRAINING);
            }
        }
    }
}
