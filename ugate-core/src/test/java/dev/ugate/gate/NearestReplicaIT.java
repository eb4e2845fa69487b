package dev.ugate.gate;

import static org.awaitility.Awaitility.await;

import dev.ugate.model.Balance;
import dev.ugate.model.HostPort;
import dev.ugate.model.Limits;
import dev.ugate.model.Route;
import dev.ugate.net.Loops;
import dev.ugate.net.TcpTransport;
import dev.ugate.route.Match;
import dev.ugate.testing.Waist;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.PromiseNotifier;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** D2 with real sockets and real time: three replicas 5, 20 and 80 ms away, the delay added before the connect. */
@Timeout(120)
final class NearestReplicaIT {
    private static final Duration SHIFTED = Duration.ofSeconds(5);

    private final AtomicIntegerArray millisAway = new AtomicIntegerArray(new int[] {5, 20, 80});
    private final List<ServerSocket> replicas = new ArrayList<>();
    private final Waist waist = Waist.standard(Loops.Backend.EPOLL);

    @AfterEach
    void stop() throws IOException {
        waist.close();
        for (ServerSocket replica : replicas) {
            replica.close();
        }
    }

    @Test
    void theNearestGetsMostAndLosesItWithinFiveSeconds() throws IOException {
        List<Route.Destination> to = new ArrayList<>();
        for (int number = 0; number < millisAway.length(); number++) {
            to.add(new Route.Destination(Optional.of(replica(number)), 1, List.of(), Optional.empty()));
        }
        waist.routes(
                new Route("svc", Match.ALL, new Route.Forward(to, Optional.of(Balance.PEAK_EWMA), Optional.empty())));
        delayDials();
        SocketAddress address = waist.opaque(new HostPort("svc.test", 80)).address();
        await().atMost(Duration.ofSeconds(30)).until(() -> share(address, 0, 100) >= 0.9);
        millisAway.set(0, 200);
        long begun = System.nanoTime();
        while (System.nanoTime() - begun < SHIFTED.toNanos()) {
            share(address, 0, 5);
        }
        await().atMost(Duration.ofSeconds(30)).until(() -> share(address, 1, 50) >= 0.9);
    }

    /** A server that says its number to everybody. */
    private String replica(int number) throws IOException {
        ServerSocket server = new ServerSocket(0, 128, InetAddress.getLoopbackAddress());
        replicas.add(server);
        Thread thread = new Thread(() -> {
            try {
                while (true) {
                    try (Socket socket = server.accept()) {
                        socket.getOutputStream().write(number);
                    }
                }
            } catch (IOException closed) {
                // The test is over.
            }
        });
        thread.setDaemon(true);
        thread.start();
        return "127.0.0.1:" + server.getLocalPort();
    }

    private void delayDials() {
        TcpTransport tcp = new TcpTransport(waist.loops, Limits.STANDARD);
        waist.transports.add("tcp", (dial, loop) -> {
            Promise<Channel> promise = loop.newPromise();
            int millis = millisAway.get(number(dial.endpoint().host().port()));
            loop.schedule(
                    () -> tcp.dial(dial, loop).addListener(new PromiseNotifier<>(promise)),
                    millis,
                    TimeUnit.MILLISECONDS);
            return promise;
        });
    }

    private int number(int port) {
        for (int number = 0; number < replicas.size(); number++) {
            if (replicas.get(number).getLocalPort() == port) {
                return number;
            }
        }
        throw new AssertionError("port " + port);
    }

    /** Opens streams one after the other and gives the share that the replica answered. */
    private static double share(SocketAddress address, int replica, int streams) throws IOException {
        int answered = 0;
        for (int i = 0; i < streams; i++) {
            try (Socket socket = new Socket()) {
                socket.setSoTimeout(10_000);
                socket.connect((InetSocketAddress) address);
                answered += socket.getInputStream().read() == replica ? 1 : 0;
            }
        }
        return answered / (double) streams;
    }
}
