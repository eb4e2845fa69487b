package dev.ugate.protocols.tls;

import dev.ugate.model.Carrier;
import dev.ugate.model.Endpoint;
import dev.ugate.model.HostPort;
import dev.ugate.model.Limits;
import dev.ugate.model.Resolution;
import dev.ugate.model.Timeouts;
import dev.ugate.net.Loops;
import dev.ugate.net.proxy.HttpConnectTransport;
import dev.ugate.net.tls.Certificates;
import dev.ugate.net.tls.LiveProofs;
import dev.ugate.net.tls.MeshCertificates;
import dev.ugate.net.tls.MeshCertificates.Member;
import dev.ugate.net.tls.MeshContexts;
import dev.ugate.net.tls.MeshTlsTransport;
import dev.ugate.protocols.Protocols;
import dev.ugate.testing.Members;
import dev.ugate.testing.Waist;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A gate of a test that is a member of the mesh: every protocol on one port, mesh TLS on its way out. */
final class MeshGate implements AutoCloseable {
    private static final Timeouts PATIENT = patient(Timeouts.STANDARD);

    final Members mesh;
    final Waist waist;
    final LiveProofs proofs = new LiveProofs(this::now);
    final MeshTlsTransport transport;
    private volatile Duration ahead = Duration.ZERO;
    private volatile Member member = Member.NONE;

    /** A gate that shows this; every name under {@code .m} is its own. */
    MeshGate(Members mesh, MeshContexts.Shown own) {
        this.mesh = mesh;
        var certificates = new MeshCertificates(() -> Certificates.NONE, () -> member, proofs);
        waist = new Waist(Loops.Backend.EPOLL, PATIENT, Protocols.all(certificates), 10_000);
        transport =
                new MeshTlsTransport(waist.transports, () -> member.contexts().get(), proofs);
        waist.transports
                .add("mtls", transport)
                .add("http", new HttpConnectTransport(waist.transports, Limits.STANDARD));
        show(own);
        waist.loops.next().scheduleWithFixedDelay(this::sweep, 100, 100, java.util.concurrent.TimeUnit.MILLISECONDS);
    }

    /** Takes no client that is slow to begin for a silent one. */
    private static Timeouts patient(Timeouts of) {
        return new Timeouts(
                of.sniff(),
                of.sniff(),
                of.handshake(),
                of.requestHead(),
                of.keepAlive(),
                of.resolve(),
                of.connect(),
                of.idle(),
                of.halfClosed(),
                of.writeStall(),
                of.lameDuck(),
                of.drain(),
                of.exchange());
    }

    /** Renews what it shows. */
    void show(MeshContexts.Shown own) {
        Optional<MeshContexts> contexts = Optional.of(mesh.contexts(own));
        member = new Member(() -> contexts, name -> name.endsWith(".m"), listener -> Optional.empty());
    }

    /** Makes the clock of its live proofs go ahead. */
    void ahead(Duration other) {
        ahead = other;
    }

    private Instant now() {
        return mesh.now().plus(ahead);
    }

    private void sweep() {
        proofs.sweep();
        transport.sweep(now());
    }

    /** A listener; what is inside mesh TLS is detected, and bytes of no protocol go to {@code fallback}. */
    int listen(Optional<HostPort> fallback) {
        return ((InetSocketAddress) waist.listen(Optional.empty(), fallback).address()).getPort();
    }

    /** Every stream goes to a port of this machine, by these layers, and expects that identity. */
    void way(int port, String identity, List<Carrier> layers) {
        way(port, Optional.of(identity), layers);
    }

    /** The same in the clear. */
    void plain(int port) {
        way(port, Optional.empty(), List.of(Carrier.TCP));
    }

    private void way(int port, Optional<String> identity, List<Carrier> layers) {
        waist.decide(
                Waist.OPEN,
                target -> CompletableFuture.completedFuture(Optional.of(Resolution.of(
                        "test",
                        Duration.ZERO,
                        List.of(new Endpoint(
                                target,
                                List.of(new InetSocketAddress("127.0.0.1", port)),
                                layers,
                                identity,
                                1,
                                true))))));
    }

    /** A SOCKS5 client of a listener, connected to {@code host}: the second half of the reply is thrown away. */
    static Socket socks(int port, String host) throws IOException {
        Socket socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(20_000);
        byte[] name = host.getBytes(StandardCharsets.US_ASCII);
        var out = new java.io.ByteArrayOutputStream();
        out.writeBytes(new byte[] {5, 1, 0, 5, 1, 0, 3, (byte) name.length});
        out.writeBytes(name);
        out.writeBytes(new byte[] {0, 80});
        socket.getOutputStream().write(out.toByteArray());
        InputStream in = socket.getInputStream();
        byte[] reply = in.readNBytes(12);
        if (reply.length != 12 || reply[3] != 0) {
            socket.close();
            throw new IOException("socks5: reply " + java.util.Arrays.toString(reply) + ": expected 0");
        }
        return socket;
    }

    @Override
    public void close() {
        waist.close();
    }
}
