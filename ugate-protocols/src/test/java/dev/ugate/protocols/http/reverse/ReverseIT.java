package dev.ugate.protocols.http.reverse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ugate.model.HostPort;
import dev.ugate.model.Identity;
import dev.ugate.net.Listener;
import dev.ugate.net.reverse.Reverse;
import dev.ugate.testing.Cable;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A node without a listener of its own is reached at a gateway by its name, for as long as it is there. */
final class ReverseIT {
    private static final String NODE = "key:NODE";
    private static final int MIB = 1 << 20;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Reverse.Terms terms = new Reverse.Terms() {
        @Override
        public boolean allows(String name, Identity owner) {
            return name.endsWith(".m");
        }

        @Override
        public boolean reserves(String name) {
            return name.endsWith(".edge.m");
        }

        @Override
        public int mostNames() {
            return 3;
        }

        @Override
        public int mostTunnels() {
            return 2;
        }
    };
    private final Site gateway = new Site(terms);
    private final Site node = new Site(Reverse.Terms.NOBODY);
    private ServerSocket application;

    @BeforeEach
    void begin() throws IOException {
        application = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        threads.execute(() -> {
            while (true) {
                try {
                    Socket socket = application.accept();
                    threads.execute(() -> echo(socket));
                } catch (IOException closed) {
                    return;
                }
            }
        });
    }

    @AfterEach
    void end() throws IOException {
        application.close();
        node.close();
        gateway.close();
        threads.shutdownNow();
    }

    private static void echo(Socket socket) {
        try (socket) {
            socket.getInputStream().transferTo(socket.getOutputStream());
            socket.shutdownOutput();
        } catch (IOException broken) {
            // The client sees the other end of it.
        }
    }

    private static InetSocketAddress at(Listener listener) {
        return (InetSocketAddress) listener.address();
    }

    /** The way of clients to {@code name} at the gateway. */
    private InetSocketAddress door(String name) {
        return at(gateway.waist.opaque(new HostPort(name, application.getLocalPort())));
    }

    private static Socket connect(InetSocketAddress door) throws IOException {
        Socket socket = new Socket(door.getAddress(), door.getPort());
        socket.setSoTimeout(20_000);
        return socket;
    }

    private static void echoes(Socket socket, int length, long seed) throws IOException {
        byte[] sent = new byte[length];
        new Random(seed).nextBytes(sent);
        Thread writer = new Thread(() -> {
            try {
                socket.getOutputStream().write(sent);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        writer.start();
        byte[] back = new byte[length];
        new DataInputStream(socket.getInputStream()).readFully(back);
        assertThat(back).isEqualTo(sent);
    }

    private void moored(Mooring unused) throws InterruptedException {
        assertThat(node.told.poll(20, TimeUnit.SECONDS)).isEqualTo("up");
        await().until(() -> gateway.reverse.owned() > 0);
    }

    @Test
    void theNodeIsReachedByItsNameFromEveryLoop() throws Exception {
        Listener mesh = gateway.listen(NODE);
        moored(node.moor(() -> at(mesh), "node.m", "db.edge.m"));
        assertThat(gateway.reverse.rows()).extracting(Reverse.Row::name).containsExactly("db.edge.m", "node.m");
        assertThat(gateway.reverse.rows()).extracting(Reverse.Row::owner).containsOnly(NODE);

        List<Future<?>> clients = new ArrayList<>();
        InetSocketAddress[] doors = {door("node.m"), door("db.edge.m")};
        for (int i = 0; i < 16; i++) {
            int number = i;
            clients.add(threads.submit(() -> {
                try (Socket socket = connect(doors[number % 2])) {
                    echoes(socket, 4 * MIB, number);
                    socket.shutdownOutput();
                    assertThat(socket.getInputStream().read())
                            .as("the end comes back")
                            .isEqualTo(-1);
                }
                return null;
            }));
        }
        for (Future<?> client : clients) {
            client.get(60, TimeUnit.SECONDS);
        }
        await().until(() -> gateway.waist.live.count() == 0 && node.waist.live.count() == 0);
    }

    @Test
    void aSlowReaderHoldsItsSenderBackAndNobodyElse() throws Exception {
        Listener mesh = gateway.listen(NODE);
        moored(node.moor(() -> at(mesh), "node.m"));
        InetSocketAddress door = door("node.m");
        try (Socket slow = connect(door)) {
            Future<?> writing = threads.submit(() -> {
                slow.getOutputStream().write(new byte[64 * MIB]);
                return null;
            });
            for (int i = 0; i < 4; i++) {
                try (Socket other = connect(door)) {
                    echoes(other, MIB, i);
                }
            }
            assertThat(writing.isDone())
                    .as("64 MiB are somewhere although nobody reads")
                    .isFalse();
            slow.getInputStream().skipNBytes(64 * MIB);
            writing.get(20, TimeUnit.SECONDS);
        }
    }

    /** T115. */
    @Test
    void aNameStaysWithItsFirstOwner() throws Exception {
        Listener mesh = gateway.listen(NODE);
        Listener others = gateway.listen("key:OTHER");
        moored(node.moor(() -> at(mesh), "node.m"));
        try (Site thief = new Site(Reverse.Terms.NOBODY)) {
            thief.moor(() -> at(others), "node.m");
            assertThat(thief.told.poll(20, TimeUnit.SECONDS))
                    .startsWith("down ")
                    .contains("http_request_denied");
            assertThat(gateway.reverse.refused()).isPositive();
        }
        try (Socket socket = connect(door("node.m"))) {
            echoes(socket, 100, 1);
        }
    }

    @Test
    void whatIdentitiesMayHaveIsBounded() throws Exception {
        Listener mesh = gateway.listen(NODE);
        for (String names : List.of("node.example", "a.m,b.m,c.m,d.m", "no name,x.m")) {
            try (Site greedy = new Site(Reverse.Terms.NOBODY)) {
                greedy.moor(() -> at(mesh), names.split(",", -1));
                assertThat(greedy.told.poll(20, TimeUnit.SECONDS)).startsWith("down ");
            }
        }
        await().untilAsserted(() -> assertThat(gateway.reverse.owned()).isZero());
        await().untilAsserted(() -> assertThat(gateway.reverse.open()).isZero());
    }

    @Test
    void aNameThatVanishedFailsAtOnce() throws Exception {
        Listener mesh = gateway.listen(NODE);
        moored(node.moor(() -> at(mesh), "node.m", "db.edge.m"));
        InetSocketAddress door = door("node.m");
        try (Socket socket = connect(door)) {
            echoes(socket, 100, 1);
            node.close();
            assertThatThrownBy(() -> socket.getInputStream().read())
                    .as("a break, and no end")
                    .hasMessageContaining("reset");
        }
        await().atMost(Duration.ofSeconds(2)).until(() -> gateway.reverse.owned() == 0);
        long before = System.nanoTime();
        try (Socket late = connect(door)) {
            assertThatThrownBy(() -> late.getInputStream().readAllBytes()).isInstanceOf(IOException.class);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(2));
        assertThat(gateway.reverse.resolve(new HostPort("db.edge.m", 1)))
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .withMessageContaining("nobody is connected");
    }

    @Test
    void aNodeThatFellSilentIsGoneInSeconds() throws Exception {
        Listener mesh = gateway.listen(NODE);
        try (Cable cable = new Cable(at(mesh))) {
            moored(node.moor(cable::address, "node.m"));
            cable.freeze();
            await().atMost(Duration.ofSeconds(5)).until(() -> gateway.reverse.owned() == 0);
            assertThat(node.told.poll(5, TimeUnit.SECONDS))
                    .as("the node finds out, too")
                    .startsWith("down ");
        }
    }

    @Test
    void theNodeComesBackByItself() throws Exception {
        Listener mesh = gateway.listen(NODE);
        Cable first = new Cable(at(mesh));
        AtomicReference<InetSocketAddress> way = new AtomicReference<>(first.address());
        moored(node.moor(way::get, "node.m"));
        way.set(at(mesh));
        first.close();
        assertThat(node.told.poll(5, TimeUnit.SECONDS)).startsWith("down ");
        assertThat(node.told.poll(10, TimeUnit.SECONDS)).isEqualTo("up");
        try (Socket socket = connect(door("node.m"))) {
            echoes(socket, 100, 1);
        }
    }

    /** Make before break: the old connection carries what runs until it is over, the new one takes what begins. */
    @Test
    void aGatewayThatLeavesIsReplacedBeforeItIsGone() throws Exception {
        Listener leaving = gateway.listen(NODE);
        Listener next = gateway.listen(NODE);
        AtomicReference<InetSocketAddress> way = new AtomicReference<>(at(leaving));
        moored(node.moor(way::get, "node.m"));
        InetSocketAddress door = door("node.m");
        try (Socket running = connect(door)) {
            echoes(running, 100, 1);
            way.set(at(next));
            var drained = leaving.drain(Duration.ofSeconds(20));
            assertThat(node.told.poll(10, TimeUnit.SECONDS))
                    .as("up again, never down")
                    .isEqualTo("up");
            try (Socket begun = connect(door)) {
                echoes(begun, 100, 2);
            }
            echoes(running, MIB, 3);
            assertThat(drained.isDone()).isFalse();
            running.shutdownOutput();
            assertThat(running.getInputStream().read()).isEqualTo(-1);
            assertThat(drained.await(10_000))
                    .as("the old connection ends with its last stream")
                    .isTrue();
        }
        assertThat(gateway.reverse.open()).isEqualTo(1);
        try (Socket after = connect(door)) {
            echoes(after, 100, 4);
        }
    }

    @Test
    void aNodeThatStopsTakesItsNamesAlong() throws Exception {
        Listener mesh = gateway.listen(NODE);
        Mooring mooring = node.moor(() -> at(mesh), "node.m");
        moored(mooring);
        try (Socket running = connect(door("node.m"))) {
            echoes(running, 100, 1);
            mooring.close();
            await().atMost(Duration.ofSeconds(5)).until(() -> gateway.reverse.owned() == 0);
            echoes(running, MIB, 2);
        }
        await().atMost(Duration.ofSeconds(5)).until(() -> gateway.reverse.open() == 0);
    }
}
