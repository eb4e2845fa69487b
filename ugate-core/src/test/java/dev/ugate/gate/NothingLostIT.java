package dev.ugate.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ugate.model.HostPort;
import dev.ugate.net.Loops;
import dev.ugate.testing.Waist;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Transfers of random size through the relay with half-close in both orders, on every I/O backend: the digests of both directions must
 * be equal at both ends. The request names its order: 0, the client ends first and the answer follows; 1, the server ends first and the
 * client's bytes follow.
 */
@Timeout(300)
final class NothingLostIT {
    private static final int TRANSFERS = Integer.getInteger("ugate.transfers", 10_000);
    private static final int CLIENTS = 8;

    @ParameterizedTest
    @EnumSource(Loops.Backend.class)
    void everyByteArrivesWhateverEndsFirst(Loops.Backend backend) throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool();
        try (Waist waist = Waist.standard(backend);
                ServerSocket server = new ServerSocket(0, 512, InetAddress.getLoopbackAddress())) {
            assertThat(waist.loops.backend()).isEqualTo(backend);
            Queue<Throwable> lost = new ConcurrentLinkedQueue<>();
            threads.execute(() -> serve(server, threads, lost));
            int port = ((InetSocketAddress) waist.opaque(new HostPort("127.0.0.1", server.getLocalPort()))
                            .address())
                    .getPort();
            AtomicInteger next = new AtomicInteger();
            List<Future<?>> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(threads.submit(() -> {
                    for (int seed = next.getAndIncrement(); seed < TRANSFERS; seed = next.getAndIncrement()) {
                        transfer(port, seed);
                    }
                    return null;
                }));
            }
            for (Future<?> client : clients) {
                client.get();
            }
            await().untilAsserted(() -> assertThat(waist.notes.ended()).hasSize(TRANSFERS));
            assertThat(lost).isEmpty();
            assertThat(waist.notes.ended()).allMatch(stream -> stream.refused().isEmpty());
        } finally {
            threads.shutdownNow();
        }
    }

    /** Sizes from 0 to 1 MiB, small ones more often. */
    private static int size(SplittableRandom random) {
        return random.nextInt(1 << random.nextInt(1, 21));
    }

    private static void transfer(int port, int seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        boolean serverFirst = seed % 2 == 1;
        byte[] up = new byte[size(random)];
        random.nextBytes(up);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(20_000);
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            out.writeInt(seed);
            byte[] down;
            if (serverFirst) {
                down = socket.getInputStream().readAllBytes();
                write(out, up);
                socket.shutdownOutput();
            } else {
                write(out, up);
                socket.shutdownOutput();
                down = socket.getInputStream().readAllBytes();
            }
            same("download", seed, down, answer(seed, serverFirst ? new byte[0] : up));
        }
    }

    /** What the server says: random bytes that depend on the seed and on what it was told. */
    private static byte[] answer(int seed, byte[] told) {
        long digest = 17;
        for (byte b : told) {
            digest = digest * 31 + b;
        }
        SplittableRandom random = new SplittableRandom(seed * 7919L + digest);
        byte[] bytes = new byte[size(random)];
        random.nextBytes(bytes);
        return bytes;
    }

    private static void serve(ServerSocket server, ExecutorService threads, Queue<Throwable> lost) {
        try {
            while (true) {
                Socket socket = server.accept();
                threads.execute(() -> serve(socket, lost));
            }
        } catch (IOException closed) {
            assertThat(server.isClosed()).isTrue();
        }
    }

    private static void serve(Socket socket, Queue<Throwable> lost) {
        try (socket) {
            socket.setSoTimeout(20_000);
            InputStream in = socket.getInputStream();
            int seed = new DataInputStream(in).readInt();
            SplittableRandom random = new SplittableRandom(seed);
            byte[] expected = new byte[size(random)];
            random.nextBytes(expected);
            if (seed % 2 == 1) {
                write(socket.getOutputStream(), answer(seed, new byte[0]));
                socket.shutdownOutput();
                same("upload", seed, in.readAllBytes(), expected);
            } else {
                write(socket.getOutputStream(), answer(seed, in.readAllBytes()));
            }
        } catch (IOException | AssertionError e) {
            lost.add(e);
        }
    }

    private static void same(String what, int seed, byte[] got, byte[] expected) {
        if (!Arrays.equals(got, expected)) {
            throw new AssertionError(what + " " + seed + ": " + got.length + " bytes: expected " + expected.length);
        }
    }

    private static void write(OutputStream out, byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }
}
