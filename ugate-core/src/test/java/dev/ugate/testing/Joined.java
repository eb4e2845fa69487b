package dev.ugate.testing;

import dev.ugate.model.Endpoint;
import dev.ugate.model.HostPort;
import dev.ugate.model.Intent;
import dev.ugate.model.Limits;
import dev.ugate.model.Peer;
import dev.ugate.model.Refused;
import dev.ugate.net.Loops;
import dev.ugate.net.TcpTransport;
import dev.ugate.spi.Dial;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Two channels on one loop whose far ends are blocking sockets in the test's hands: what a relay joins. */
public final class Joined implements AutoCloseable {
    public final Loops loops;
    public final Channel client;
    public final Channel upstream;
    public final Socket clientEnd;
    public final Socket serverEnd;
    public final CompletableFuture<Books> books = new CompletableFuture<>();

    /** What a relay told at its end. */
    public record Books(long in, long out, Optional<Refused> broken) {}

    /** Makes the sockets; nothing is joined yet. */
    public Joined(Loops.Backend backend, Limits limits) throws IOException {
        loops = Loops.start(backend, 1);
        try (ServerSocket server = new ServerSocket(0, 16, InetAddress.getLoopbackAddress())) {
            client = dial(server, limits);
            clientEnd = server.accept();
            upstream = dial(server, limits);
            serverEnd = server.accept();
        }
        clientEnd.setSoTimeout(20_000);
        serverEnd.setSoTimeout(20_000);
    }

    private Channel dial(ServerSocket server, Limits limits) {
        InetSocketAddress address = new InetSocketAddress(server.getInetAddress(), server.getLocalPort());
        HostPort target = new HostPort("127.0.0.1", server.getLocalPort());
        Intent intent = Intent.bytes("test", Peer.of(address, address), target);
        Dial dial = new Dial(
                intent, Endpoint.tcp(target, List.of(address)), System.nanoTime() + TimeUnit.SECONDS.toNanos(20));
        CompletableFuture<Channel> dialled = new CompletableFuture<>();
        var loop = loops.next();
        loop.execute(() -> {
            Future<Channel> way = new TcpTransport(loops, limits).dial(dial, loop);
            way.addListener(done -> {
                if (done.isSuccess()) {
                    dialled.complete(way.getNow());
                } else {
                    dialled.completeExceptionally(done.cause());
                }
            });
        });
        return dialled.join();
    }

    /** Runs on the loop of both channels and waits until it ran. */
    public void onLoop(Runnable task) {
        CompletableFuture.runAsync(task, client.eventLoop())
                .orTimeout(20, TimeUnit.SECONDS)
                .join();
    }

    /** An ending for {@code Relay} that completes {@link #books}. */
    public void ended(long in, long out, Optional<Refused> broken) {
        if (!books.complete(new Books(in, out, broken))) {
            throw new AssertionError("relay: ended twice");
        }
    }

    /** The end of the books; fails when they stay open. */
    public Books over() {
        return books.orTimeout(20, TimeUnit.SECONDS).join();
    }

    /** Closes so that the far end sees a reset. */
    public static void reset(Socket socket) throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        clientEnd.close();
        serverEnd.close();
        loops.stop(1).awaitUninterruptibly(5_000);
    }
}
