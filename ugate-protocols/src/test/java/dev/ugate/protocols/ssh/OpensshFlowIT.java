package dev.ugate.protocols.ssh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ugate.protocols.Program;
import dev.ugate.testing.FreePort;
import dev.ugate.testing.Peers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ends and standstills of either side behind OpenSSH's client. */
@Tag("interop")
@Timeout(120)
class OpensshFlowIT {
    private static final int SIZE = 64 * 1024 * 1024;

    /** A window of ours, the client's of 2 MiB, and what the kernel may hold on three connections, 10 MiB each; much less than what is sent. */
    private static final int HELD = 36 * 1024 * 1024;

    @TempDir
    Path folder;

    private Site site;
    private ServerSocket server;

    @BeforeEach
    void open() throws Exception {
        Peers.require("ssh");
        site = new Site();
        server = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void close() throws Exception {
        server.close();
        site.close();
    }

    private Program forward(int local) throws Exception {
        String to = local + ":127.0.0.1:" + server.getLocalPort();
        return Program.start(folder, Openssh.words(site.port, "-N", "-L", to).toArray(String[]::new));
    }

    /** Connected through the forward, and accepted behind it: the first that says something. */
    private record Two(Socket near, Socket far) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            near.close();
            far.close();
        }
    }

    /** Forwards listen before they can be reached: whoever tries to find that out is accepted as well, and says nothing. */
    private Two two(int local) throws IOException {
        Socket near = new Socket(InetAddress.getLoopbackAddress(), local);
        near.setSoTimeout(30_000);
        near.getOutputStream().write('!');
        while (true) {
            Socket far = server.accept();
            far.setSoTimeout(30_000);
            if (far.getInputStream().read() == '!') {
                return new Two(near, far);
            }
            far.close();
        }
    }

    @Test
    void theServerMayEndFirst() throws Exception {
        int local = FreePort.next();
        try (Program client = forward(local).listening(local);
                Two two = two(local)) {
            two.far.getOutputStream().write(new byte[1000]);
            two.far.shutdownOutput();
            assertThat(two.near.getInputStream().readAllBytes()).hasSize(1000);
            CompletableFuture<Integer> got = CompletableFuture.supplyAsync(() -> count(two.far));
            two.near.getOutputStream().write(new byte[SIZE]);
            two.near.shutdownOutput();
            assertThat(got.get(30, TimeUnit.SECONDS)).isEqualTo(SIZE);
            assertThat(client.process().isAlive()).isTrue();
        }
    }

    @Test
    void theClientMayEndFirst() throws Exception {
        int local = FreePort.next();
        try (Program client = forward(local).listening(local);
                Two two = two(local)) {
            two.near.getOutputStream().write(new byte[1000]);
            two.near.shutdownOutput();
            assertThat(two.far.getInputStream().readAllBytes()).hasSize(1000);
            CompletableFuture<Integer> got = CompletableFuture.supplyAsync(() -> count(two.near));
            two.far.getOutputStream().write(new byte[SIZE]);
            two.far.shutdownOutput();
            assertThat(got.get(30, TimeUnit.SECONDS)).isEqualTo(SIZE);
            assertThat(client.process().isAlive()).isTrue();
        }
    }

    private static int count(Socket socket) {
        try {
            return socket.getInputStream().readAllBytes().length;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Writes to {@code to} until nothing more is taken for a second; how much that was. */
    private static int fill(SocketChannel to, int most) throws IOException {
        to.configureBlocking(false);
        ByteBuffer bytes = ByteBuffer.allocate(64 * 1024);
        int sent = 0;
        long stood = System.nanoTime();
        while (sent < most && System.nanoTime() - stood < TimeUnit.SECONDS.toNanos(1)) {
            bytes.clear().limit(Math.min(bytes.capacity(), most - sent));
            int taken = to.write(bytes);
            if (taken > 0) {
                sent += taken;
                stood = System.nanoTime();
            } else {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            }
        }
        to.configureBlocking(true);
        return sent;
    }

    private static void rest(SocketChannel to, int left) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(left);
        while (bytes.hasRemaining()) {
            to.write(bytes);
        }
        to.shutdownOutput();
    }

    @Test
    void aServerThatReadsSlowlyHoldsTheClientBack() throws Exception {
        int local = FreePort.next();
        try (Program client = forward(local).listening(local);
                SocketChannel near =
                        SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), local))) {
            near.write(ByteBuffer.wrap(new byte[] {'!'}));
            Socket far = server.accept();
            while (far.getInputStream().read() != '!') {
                far.close();
                far = server.accept();
            }
            int taken = fill(near, SIZE);
            assertThat(taken).isLessThan(HELD);
            Socket slow = far;
            CompletableFuture<Integer> got = CompletableFuture.supplyAsync(() -> count(slow));
            rest(near, SIZE - taken);
            assertThat(got.get(30, TimeUnit.SECONDS)).isEqualTo(SIZE);
            assertThat(client.process().isAlive()).isTrue();
            far.close();
        }
    }

    @Test
    void aClientThatReadsSlowlyHoldsTheServerBack() throws Exception {
        int local = FreePort.next();
        try (var source = java.nio.channels.ServerSocketChannel.open()
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            int port = ((InetSocketAddress) source.getLocalAddress()).getPort();
            String to = local + ":127.0.0.1:" + port;
            try (Program client = Program.start(
                            folder, Openssh.words(site.port, "-N", "-L", to).toArray(String[]::new))
                    .listening(local)) {
                source.accept().close();
                try (Socket near = new Socket(InetAddress.getLoopbackAddress(), local);
                        SocketChannel far = source.accept()) {
                    int taken = fill(far, SIZE);
                    assertThat(taken).isLessThan(HELD);
                    CompletableFuture<Integer> got = CompletableFuture.supplyAsync(() -> count(near));
                    rest(far, SIZE - taken);
                    assertThat(got.get(30, TimeUnit.SECONDS)).isEqualTo(SIZE);
                    assertThat(client.process().isAlive()).isTrue();
                }
            }
        }
    }

    @Test
    void jumpsThroughUsToUs() throws Exception {
        Path config = Files.writeString(folder.resolve("config"), """
                Host *
                  StrictHostKeyChecking no
                  UserKnownHostsFile /dev/null
                  LogLevel ERROR
                  BatchMode yes
                """);
        String port = String.valueOf(site.port);
        List<String> words = List.of(
                "ssh", "-F", config.toString(), "-J", "alice@127.0.0.1:" + port, "-p", port, "-T", "bob@127.0.0.1");
        try (Program client = Program.start(folder, words.toArray(String[]::new))) {
            assertThat(client.result()).startsWith("0").contains("you are user:bob");
        }
        await().untilAsserted(() -> assertThat(site.waist.notes.ended())
                .anySatisfy(one -> assertThat(one.intent().labels()).containsEntry("user", "alice")));
    }
}
