package dev.ugate.protocols.ssh;

import dev.ugate.config.ssh.SshOffers;
import dev.ugate.model.Identity;
import dev.ugate.model.Timeouts;
import dev.ugate.net.Loops.Backend;
import dev.ugate.net.reverse.Reverse;
import dev.ugate.protocols.ssh.kex.Algorithms;
import dev.ugate.protocols.ssh.kex.Terms;
import dev.ugate.protocols.ssh.program.Commands;
import dev.ugate.protocols.ssh.server.Sockets;
import dev.ugate.testing.Waist;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;

/** A gate on a port of loopback that lets everybody in by SSH and have names under {@code .m}, and a mirror to reach through it. */
final class Site implements AutoCloseable {
    /** Not the common pool, whose only thread the mirror's clients may block. */
    private static final Executor POOL = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "arithmetic");
        thread.setDaemon(true);
        return thread;
    });

    final Reverse reverse = new Reverse(() -> new Anything());
    final Waist waist;
    final int port;
    final Commands commands = new Commands(POOL);
    final Mirror mirror = new Mirror(true);

    Site() throws IOException {
        this(SshOffers.NOTHING);
    }

    Site(SshOffers offers) throws IOException {
        this(offers, Algorithms.STANDARD);
    }

    Site(SshOffers offers, Algorithms algorithms) throws IOException {
        this(offers, algorithms, Backend.EPOLL);
    }

    Site(SshOffers offers, Algorithms algorithms, Backend backend) throws IOException {
        Ssh.House house = new Ssh.House(
                reverse,
                Optional.of(gate -> new Sockets(waist().loops, waist().admission, gate, POOL)),
                () -> offers,
                Optional.of(commands),
                peer -> "live streams: 0\n");
        waist = new Waist(
                backend,
                Timeouts.STANDARD,
                List.of(new Ssh(new OpenHouse(algorithms), house, Terms.seeded(), POOL)),
                5000);
        waist.transports.add(Reverse.WORD, reverse);
        waist.decide(Waist.OPEN, reverse.before(Waist.LITERALS));
        port = ((InetSocketAddress)
                        waist.listen(Optional.empty(), Optional.empty()).address())
                .getPort();
    }

    private Waist waist() {
        return waist;
    }

    /** Everybody may have every name of the mesh. */
    private static final class Anything implements Reverse.Terms {
        @Override
        public boolean allows(String name, Identity owner) {
            return name.endsWith(".m");
        }

        @Override
        public boolean reserves(String name) {
            return false;
        }

        @Override
        public int mostNames() {
            return 8;
        }

        @Override
        public int mostTunnels() {
            return 8;
        }
    }

    @Override
    public void close() throws IOException {
        mirror.close();
        waist.close();
    }
}
