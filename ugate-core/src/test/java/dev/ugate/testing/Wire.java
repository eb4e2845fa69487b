package dev.ugate.testing;

import dev.ugate.model.Peer;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Fin;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One accepted connection without a socket: the test is the client, in bytes. Its buffers are tallied. */
public final class Wire extends EmbeddedChannel {
    /** What the listener is bound to, and every upstream's local address. */
    public static final InetSocketAddress HERE = new InetSocketAddress("192.0.2.1", 1080);

    private static final InetSocketAddress LOOPBACK = new InetSocketAddress("127.0.0.1", 40000);
    private static final InetSocketAddress AFAR = new InetSocketAddress("198.51.100.7", 40000);

    private final Tally tally = new Tally();
    private final ByteBuf said = Unpooled.buffer();
    private final SocketAddress remote;
    private boolean ended;

    private Wire(SocketAddress remote) {
        this.remote = remote;
        config().setAllocator(tally);
        freezeTime();
    }

    /** A client on loopback. */
    public static Wire local(Listening listening) {
        return from(LOOPBACK, listening);
    }

    /** A client elsewhere. */
    public static Wire remote(Listening listening) {
        return from(AFAR, listening);
    }

    /** A client at an address. */
    public static Wire from(SocketAddress remote, Listening listening) {
        Wire wire = new Wire(remote);
        Connection.accepted(listening.ingress(), Peer.of(remote, HERE)).on(wire);
        return wire;
    }

    /** A channel that stands for a dialled upstream. */
    public static Wire upstream() {
        return new Wire(new InetSocketAddress("203.0.113.9", 80));
    }

    /** The client sends these bytes in one packet. */
    public Wire send(byte[] bytes) {
        if (bytes.length > 0) {
            writeInbound(alloc().buffer(bytes.length).writeBytes(bytes));
            runPendingTasks();
        }
        return this;
    }

    /** The client sends bytes given in hex. */
    public Wire send(String hex) {
        return send(ByteBufUtil.decodeHexDump(hex.replace(" ", "")));
    }

    /** The client ends its direction. */
    public Wire sendFin() {
        writeInbound(Fin.FIN);
        runPendingTasks();
        return this;
    }

    /** Lets frozen time pass, so that deadlines fire. */
    public void pass(Duration time) {
        advanceTimeBy(time.toNanos(), TimeUnit.NANOSECONDS);
        runScheduledPendingTasks();
        runPendingTasks();
    }

    /** Everything the client received since the last call, in hex. */
    public String heard() {
        return ByteBufUtil.hexDump(heardBytes());
    }

    /** Everything the client received since the last call. */
    public byte[] heardBytes() {
        collect();
        byte[] bytes = ByteBufUtil.getBytes(said);
        said.clear();
        return bytes;
    }

    /** Whether the client saw the end of the server's direction, or of the connection. */
    public boolean sawEnd() {
        collect();
        return ended || !isOpen();
    }

    /** Whether the client was told the end of the server's direction, as TLS demands before a connection closes (RFC 8446 §6.1). */
    public boolean wasToldTheEnd() {
        collect();
        return ended;
    }

    public Tally tally() {
        return tally;
    }

    private void collect() {
        runPendingTasks();
        for (Object message = readOutbound(); message != null; message = readOutbound()) {
            if (message instanceof Fin) {
                ended = true;
            } else if (message instanceof ByteBuf bytes) {
                said.writeBytes(bytes);
                ReferenceCountUtil.release(bytes);
            } else {
                throw new AssertionError("wire: wrote " + message + ": expected ByteBuf or Fin");
            }
        }
    }

    @Override
    protected SocketAddress localAddress0() {
        return HERE;
    }

    @Override
    protected @Nullable SocketAddress remoteAddress0() {
        return remote;
    }
}
