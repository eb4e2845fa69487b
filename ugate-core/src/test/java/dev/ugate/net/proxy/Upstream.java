package dev.ugate.net.proxy;

import dev.ugate.model.Carrier;
import dev.ugate.model.Endpoint;
import dev.ugate.model.HostPort;
import dev.ugate.model.Intent;
import dev.ugate.model.Peer;
import dev.ugate.model.Refused;
import dev.ugate.model.Shape;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Transport;
import dev.ugate.testing.Hex;
import dev.ugate.testing.Sink;
import dev.ugate.testing.Wire;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The proxy's end of a dial through one transport: the test speaks for the proxy and for the dial below. */
final class Upstream {
    static final Peer CLIENT = Peer.of(new InetSocketAddress("198.51.100.7", 40000), Wire.HERE);
    static final InetSocketAddress PROXY = new InetSocketAddress("203.0.113.9", 80);

    final Wire wire = Wire.upstream();
    final Future<Channel> dialled;
    private @Nullable Promise<Channel> below;
    private @Nullable Dial seen;

    /** Dials {@code target} with these carrier options; the dial below succeeds when the test says so. */
    Upstream(Function<Transport, Transport> transport, String target, Map<String, String> options) {
        this(transport, target, options, CLIENT, Shape.BYTES);
    }

    Upstream(
            Function<Transport, Transport> transport,
            String target,
            Map<String, String> options,
            Peer peer,
            Shape shape) {
        wire.config().setAutoRead(false);
        HostPort host = HostPort.parse(target);
        Endpoint endpoint = new Endpoint(
                host, List.of(PROXY), List.of(new Carrier("word", options), Carrier.TCP), Optional.empty(), 1, true);
        Dial dial = new Dial(
                new Intent("tcp", peer, host, shape, Map.of()),
                endpoint,
                System.nanoTime() + TimeUnit.SECONDS.toNanos(10));
        dialled = transport.apply(this::below).dial(dial, wire.eventLoop());
    }

    private Future<Channel> below(Dial dial, EventLoop loop) {
        seen = dial;
        below = loop.newPromise();
        return below;
    }

    Promise<Channel> below() {
        if (below == null) {
            throw new AssertionError("transport: dialled nothing below");
        }
        return below;
    }

    /** What the layer below was asked for. */
    Dial seen() {
        if (seen == null) {
            throw new AssertionError("transport: dialled nothing below");
        }
        return seen;
    }

    /** The proxy is connected. */
    Upstream connect() {
        below().setSuccess(wire);
        wire.runPendingTasks();
        return this;
    }

    /** The proxy says these bytes in one packet. */
    Upstream says(String hex) {
        wire.send(Hex.parse(hex));
        return this;
    }

    /** The proxy says them byte by byte. */
    Upstream dribbles(String hex) {
        for (byte b : Hex.parse(hex)) {
            wire.send(new byte[] {b});
        }
        return this;
    }

    /** What the proxy heard since the last call, as text where it is text. */
    String heard() {
        return wire.heard();
    }

    static String hex(String hex) {
        return ByteBufUtil.hexDump(Hex.parse(hex));
    }

    /** A reader takes its place and asks for bytes once. */
    Sink read() {
        Sink sink = new Sink();
        wire.pipeline().addLast(sink);
        wire.read();
        wire.runPendingTasks();
        return sink;
    }

    /** Why the dial failed. */
    Refused refused() {
        if (!(dialled.cause() instanceof Refused why)) {
            throw new AssertionError("dial: expected Refused", dialled.cause());
        }
        return why;
    }

    /** Both ends go away; nothing may be left behind. */
    void gone() {
        wire.close();
        wire.heard();
        wire.checkException();
        if (!wire.tally().live().isEmpty()) {
            throw new AssertionError("buffers nobody released: " + wire.tally().live());
        }
    }
}
