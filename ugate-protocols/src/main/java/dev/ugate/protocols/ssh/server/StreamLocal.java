package dev.ugate.protocols.ssh.server;

import dev.ugate.model.HostPort;
import dev.ugate.model.Identity;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.net.Failures;
import dev.ugate.protocols.ssh.channel.Answer;
import dev.ugate.protocols.ssh.channel.Engine;
import dev.ugate.protocols.ssh.channel.SshChannel;
import dev.ugate.protocols.ssh.server.SocketPaths.Place;
import dev.ugate.protocols.ssh.wire.Wire;
import dev.ugate.spi.Registry.Registration;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.Future;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;

/**
 * Unix sockets of this machine for one guest (OpenSSH PROTOCOL §2.4): those that it reaches, and those that lead to it. Only what the operator
 * wrote down, and what policy allows of that. Lives on the connection's loop.
 */
final class StreamLocal {
    private static final int MOST_PATH = 1024;
    private static final int TRIES = 16;
    private static final int FIRST_PORT = 1024;

    private final Engine engine;
    private final Guest guest;
    private final ServerConnection.Means means;
    private final Granted<String> granted = new Granted<>();

    StreamLocal(Engine engine, Guest guest, ServerConnection.Means means) {
        this.engine = engine;
        this.guest = guest;
        this.means = means;
    }

    private Sockets sockets() {
        return means.sockets()
                .orElseThrow(() -> Refused.because(Refusal.DENIED, "this listener has no sockets for others"));
    }

    /** The guest wants to reach one; {@code asked} hears of its path and of what policy knows it by. */
    void open(SshChannel channel, ByteBuf rest, BiConsumer<HostPort, Path> asked) {
        String path = Wire.text(rest, MOST_PATH);
        try {
            if (!guest.mayOpenSockets()) {
                throw Refused.because(Refusal.DENIED, "key of " + guest.user() + ": does not allow it");
            }
            Place place = new SocketPaths(means.offers().get().open()).find(path);
            sockets().find(place, engine.loop()).addListener((Future<Path> found) -> {
                if (found.isSuccess()) {
                    asked.accept(new HostPort(place.of().name(), 0), found.getNow());
                } else {
                    refuse(channel, path, Failures.refused(found.cause()));
                }
            });
        } catch (Refused refused) {
            refuse(channel, path, refused);
        }
    }

    private void refuse(SshChannel channel, String path, Refused why) {
        ServerConnection.failed(engine, why.in("socket '" + printable(path) + "'"));
        channel.refuse(why);
    }

    /** The guest wants to be reached by one. */
    void ask(ByteBuf rest, Answer answer) {
        String path = Wire.text(rest, MOST_PATH);
        try {
            if (!guest.mayListenOnSockets()) {
                throw Refused.because(Refusal.DENIED, "key of " + guest.user() + ": does not allow it");
            }
            Identity owner = guest.identity()
                    .orElseThrow(() -> Refused.because(Refusal.UNAUTHENTICATED, "no identity: expected one"));
            granted.fresh(path);
            Place place = new SocketPaths(means.offers().get().listen()).find(path);
            Bound bound = bind(place.of().name(), owner, new SocketForward(engine, path));
            granted.put(path, bound.registration::close);
            sockets()
                    .open(place, bound.place, engine.packets().connection())
                    .addListener((Future<Sockets.Socket> opened) ->
                            engine.loop().execute(() -> opened(path, bound.registration, answer, opened)));
        } catch (Refused refused) {
            refuse(path, refused, answer);
        }
    }

    private record Bound(HostPort place, Registration registration) {}

    /** The port is a number that tells it from others, and means nothing. */
    private Bound bind(String name, Identity owner, SocketForward forward) {
        for (int i = 1; ; i++) {
            HostPort place = new HostPort(name, ThreadLocalRandom.current().nextInt(FIRST_PORT, 0x10000));
            try {
                return new Bound(place, means.registry().bind(place, owner, forward));
            } catch (Refused refused) {
                if (refused.reason() != Refusal.DENIED || i == TRIES) {
                    throw refused;
                }
            }
        }
    }

    private void opened(String path, Registration registration, Answer answer, Future<Sockets.Socket> opened) {
        if (!opened.isSuccess()) {
            registration.close();
            granted.forget(path);
            refuse(path, Failures.refused(opened.cause()), answer);
            return;
        }
        Sockets.Socket socket = opened.getNow();
        if (!granted.has(path)) {
            socket.close();
            answer.no();
            return;
        }
        granted.put(path, () -> {
            registration.close();
            socket.close();
        });
        answer.yes();
    }

    private void refuse(String path, Refused why, Answer answer) {
        ServerConnection.failed(engine, why.in("forward of '" + printable(path) + "'"));
        answer.no();
    }

    /** The guest does not want it any more. */
    void cancel(ByteBuf rest, Answer answer) {
        granted.cancel(Wire.text(rest, MOST_PATH), answer);
    }

    /** The connection is over, and everything with it. */
    void close() {
        granted.close();
    }

    /** What the guest is reached by now. */
    Set<String> all() {
        return granted.all();
    }

    private static String printable(String path) {
        String shown = path.length() > 128 ? path.substring(0, 128) : path;
        return shown.replaceAll("[^\\x20-\\x7e]", "?");
    }
}
