package dev.ugate.protocols.ssh.server;

import dev.ugate.model.HostPort;
import dev.ugate.model.Identity;
import dev.ugate.model.Ip;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.net.Failures;
import dev.ugate.protocols.ssh.channel.Answer;
import dev.ugate.protocols.ssh.channel.Engine;
import dev.ugate.spi.Registry;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a guest is reached by through its own connection (RFC 4254 §7.1): names that are its, without a socket and on any port; ports of this
 * machine, with one. Never an address that others could reach (T76). Lives on the connection's loop.
 */
final class Forwards {
    /** What a name's port is called when the guest takes them all. */
    static final int ANY_PORT = 15022;

    private static final int PRIVILEGED = 1024;
    private static final Set<String> EVERYWHERE = Set.of("", "*", "0.0.0.0", "::");

    private final Engine engine;
    private final Guest guest;
    private final Registry registry;
    private final Optional<Sockets> sockets;
    private final Granted<Asked> granted = new Granted<>();
    private final Map<String, NamedForward> names = new HashMap<>();

    /** What the guest calls it: a host as it wrote that, and the port that it was told. */
    record Asked(String host, int port) {
        @Override
        public String toString() {
            return host + ":" + port;
        }
    }

    Forwards(Engine engine, Guest guest, Registry registry, Optional<Sockets> sockets) {
        this.engine = engine;
        this.guest = guest;
        this.registry = registry;
        this.sockets = sockets;
    }

    /** The guest wants to be reached there. */
    void ask(String host, long port, Answer answer) {
        try {
            if (port > 0xFFFF || !guest.mayListen(host, (int) port)) {
                throw Refused.because(Refusal.DENIED, "key of " + guest.user() + ": does not allow it");
            }
            Identity owner = guest.identity()
                    .orElseThrow(() -> Refused.because(Refusal.UNAUTHENTICATED, "no identity: expected one"));
            if (EVERYWHERE.contains(host)) {
                throw Refused.because(Refusal.DENIED, "all addresses: expected a name, or localhost");
            }
            if (isHere(host)) {
                socket(new Asked(host, (int) port), owner, answer);
            } else {
                named(new Asked(host, port == 0 ? ANY_PORT : (int) port), owner);
                if (port == 0) {
                    answer.yes(ANY_PORT);
                } else {
                    answer.yes();
                }
            }
        } catch (Refused refused) {
            refuse(host, port, refused, answer);
        }
    }

    private void refuse(String host, long port, Refused why, Answer answer) {
        ServerConnection.failed(
                engine, why.in("forward of '" + host.replaceAll("[^A-Za-z0-9._:-]", "?") + "' " + port));
        answer.no();
    }

    private static boolean isHere(String host) {
        return host.equals("localhost")
                || Ip.parse(host).filter(InetAddress::isLoopbackAddress).isPresent();
    }

    private void named(Asked asked, Identity owner) {
        granted.fresh(asked);
        String name = new HostPort(asked.host, 0).host();
        NamedForward forward = names.get(name);
        if (forward == null) {
            forward = new NamedForward(engine);
            forward.held(registry.register(name, owner, forward));
            names.put(name, forward);
        }
        NamedForward of = forward;
        of.add(asked);
        granted.put(asked, () -> {
            if (of.remove(asked)) {
                names.remove(name);
            }
        });
    }

    private void socket(Asked asked, Identity owner, Answer answer) {
        granted.fresh(asked);
        if (asked.port > 0 && asked.port < PRIVILEGED) {
            throw Refused.because(Refusal.DENIED, "expected a port from " + PRIVILEGED + " on, or a name");
        }
        Sockets means =
                sockets.orElseThrow(() -> Refused.because(Refusal.DENIED, "this listener opens no sockets for others"));
        NamedForward forward = new NamedForward(engine);
        if (asked.port > 0) {
            // Before anybody can connect there.
            serve(forward, asked, owner);
        }
        means.open(asked.port, engine.packets().connection())
                .addListener((Future<Sockets.Socket> opened) ->
                        engine.loop().execute(() -> bound(forward, asked, owner, answer, opened)));
    }

    /** Lets streams to the port go through the guest; throws {@link Refused} where it is taken. */
    private void serve(NamedForward forward, Asked asked, Identity owner) {
        forward.held(registry.bind(new HostPort("localhost", asked.port), owner, forward));
        forward.add(asked);
    }

    private void bound(
            NamedForward forward, Asked asked, Identity owner, Answer answer, Future<Sockets.Socket> opened) {
        if (!opened.isSuccess()) {
            forward.remove(asked);
            refuse(asked.host, asked.port, Failures.refused(opened.cause()), answer);
            return;
        }
        Sockets.Socket socket = opened.getNow();
        Asked told = new Asked(asked.host, socket.place().port());
        try {
            if (granted.isOver()) {
                throw Refused.because(Refusal.UNREACHABLE, "connection ended");
            }
            if (asked.port == 0) {
                serve(forward, told, owner);
            }
        } catch (Refused refused) {
            forward.remove(told);
            socket.close();
            refuse(asked.host, asked.port, refused, answer);
            return;
        }
        granted.put(told, () -> {
            forward.remove(told);
            socket.close();
        });
        if (asked.port == 0) {
            answer.yes(told.port);
        } else {
            answer.yes();
        }
    }

    /** The guest does not want it any more. */
    void cancel(String host, long port, Answer answer) {
        granted.cancel(new Asked(host, (int) Math.min(port, Integer.MAX_VALUE)), answer);
    }

    /** The connection is over, and everything with it. */
    void close() {
        granted.close();
    }

    /** What the guest is reached by now. */
    Set<Asked> all() {
        return granted.all();
    }
}
