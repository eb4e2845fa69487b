package dev.ugate.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ugate.model.HostPort;
import dev.ugate.net.Loops;
import dev.ugate.testing.Joined;
import dev.ugate.testing.Waist;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * F7: a thousand connections of which one side resets at a random point. The other side sees a break, never an end; nothing stays open
 * or counted, and the leak detector has nothing to say.
 */
@Timeout(300)
final class ResetsIT {
    private static final int RESETS = 1_000;
    private static final int CLIENTS = 8;
    private static final int PATIENCE_MILLIS = 5_000;

    /** One client in so many resets before its first byte. */
    private static final int SILENT = 10;

    /** Both sides write at least as much as either waits for. */
    private static final int LEAST = 100;

    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();

    @ParameterizedTest
    @EnumSource(Loops.Backend.class)
    void aResetAtAnyPointIsABreakOnTheOtherSide(Loops.Backend backend) throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool();
        try (Waist waist = Waist.standard(backend);
                ServerSocket server = new ServerSocket(0, 512, InetAddress.getLoopbackAddress())) {
            threads.execute(() -> serve(server, threads));
            InetSocketAddress address =
                    (InetSocketAddress) waist.opaque(new HostPort("127.0.0.1", server.getLocalPort()))
                            .address();
            AtomicInteger next = new AtomicInteger();
            List<Future<?>> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(threads.submit(() -> {
                    for (int seed = next.getAndIncrement(); seed < RESETS; seed = next.getAndIncrement()) {
                        client(address, seed);
                    }
                    return null;
                }));
            }
            for (Future<?> client : clients) {
                client.get(120, TimeUnit.SECONDS);
            }
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> waist.admission.connections() == 0 && waist.live.count() == 0);
            assertThat(waist.admission.handshakes()).isZero();
            // A client that was gone before its accept has left no stream; the half that waits for its server's reset
            // was not.
            assertThat(waist.notes.ended())
                    .hasSizeBetween(RESETS / 2, RESETS)
                    .allMatch(stream -> stream.refused().isPresent());
            server.close();
            threads.shutdown();
            assertThat(threads.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
            assertThat(wrong).isEmpty();
        } finally {
            threads.shutdownNow();
        }
    }

    /** Says its seed, then talks and listens until one side resets; odd seeds are reset by the server. */
    private void client(InetSocketAddress address, int seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        Socket socket = new Socket();
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.connect(address);
        if (seed % SILENT == 0) {
            // Before the first byte: the upstream may not even be dialled.
            Joined.reset(socket);
            return;
        }
        try (socket) {
            new DataOutputStream(socket.getOutputStream()).writeInt(seed);
            if (seed % 2 == 0) {
                talk(socket, random);
                Joined.reset(socket);
            } else {
                talk(socket, random);
                sees(socket, "client", seed);
            }
        } catch (SocketTimeoutException stuck) {
            wrong.add("client " + seed + ": neither byte nor break");
        } catch (IOException broken) {
            assertThat(seed % 2).as("seed " + seed + ": " + broken).isOne();
        }
    }

    private void serve(ServerSocket server, ExecutorService threads) {
        try {
            while (true) {
                Socket socket = server.accept();
                threads.execute(() -> server(socket));
            }
        } catch (IOException closed) {
            assertThat(server.isClosed()).isTrue();
        }
    }

    private void server(Socket socket) {
        int seed = 0;
        try (socket) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            seed = new DataInputStream(socket.getInputStream()).readInt();
            SplittableRandom random = new SplittableRandom(~seed);
            talk(socket, random);
            if (seed % 2 == 1) {
                Joined.reset(socket);
            } else {
                sees(socket, "server", seed);
            }
        } catch (EOFException aborted) {
            // The client was gone before its dial was done: nothing was joined that could break.
        } catch (SocketTimeoutException stuck) {
            wrong.add("server " + seed + ": neither byte nor break");
        } catch (IOException broken) {
            // As it should be.
        }
    }

    /** Writes and reads a random amount, so that the reset comes at any point. */
    private static void talk(Socket socket, SplittableRandom random) throws IOException {
        socket.getOutputStream().write(new byte[LEAST + random.nextInt(1 << random.nextInt(1, 18))]);
        if (random.nextInt(4) > 0) {
            socket.getInputStream().readNBytes(random.nextInt(LEAST));
        }
    }

    /** Reads to the break, half of the time after its own end; an end here means that a reset was passed on as one. */
    private void sees(Socket socket, String who, int seed) throws IOException {
        if (seed % 4 < 2) {
            socket.shutdownOutput();
        }
        byte[] chunk = new byte[64 * 1024];
        int n = 0;
        while (n >= 0) {
            n = socket.getInputStream().read(chunk);
        }
        wrong.add(who + " " + seed + ": a clean end");
    }
}
