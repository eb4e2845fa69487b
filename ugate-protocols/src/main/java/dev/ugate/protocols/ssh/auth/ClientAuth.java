package dev.ugate.protocols.ssh.auth;

import dev.ugate.identity.SshCredential;
import dev.ugate.model.ssh.SshCertificate;
import dev.ugate.model.ssh.SshPrivateKey;
import dev.ugate.model.ssh.SshWriter;
import dev.ugate.protocols.ssh.wire.Disconnect;
import dev.ugate.protocols.ssh.wire.Layer;
import dev.ugate.protocols.ssh.wire.Message;
import dev.ugate.protocols.ssh.wire.Packets;
import dev.ugate.protocols.ssh.wire.Violation;
import dev.ugate.protocols.ssh.wire.Wire;
import io.netty.buffer.ByteBuf;
import java.security.GeneralSecurityException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The client's end of user authentication (RFC 4252): shows one key after the other, each with its signature. */
public final class ClientAuth implements Layer {
    private static final String SERVICE = "ssh-userauth";

    /** PROTOCOL of OpenSSH, §3.1. */
    private static final String BOUND = "publickey-hostbound@openssh.com";

    private static final String ALGORITHMS = "server-sig-algs";
    private static final int MOST_BANNERS = 16;
    private static final int LONGEST_BANNER = 32 << 10;

    private final String user;
    private final Queue<Offer> offers;
    private final Supplier<Layer> next;
    private @Nullable Packets packets;
    private boolean accepted;
    private int banners;

    /** A key, and who says whose it is. */
    public record Offer(SshPrivateKey key, Optional<SshCertificate> certificate) {}

    /** {@code next} is what a login leads to. */
    public ClientAuth(String user, List<Offer> offers, Supplier<Layer> next) {
        this.user = user;
        this.offers = new ArrayDeque<>(offers);
        this.next = next;
    }

    /** What a server is shown: a member of the mesh the certificate of a node, others a key. */
    public static List<Offer> offers(Party.Shown shown, boolean member) {
        List<Offer> offers = new ArrayList<>(2);
        if (member) {
            SshCredential own = shown.member().get();
            offers.add(new Offer(own.key(), Optional.of(own.user())));
        }
        offers.add(new Offer(shown.identity(), Optional.empty()));
        return offers;
    }

    @Override
    public void opened(Packets below) {
        packets = below;
        ByteBuf out = below.payload(Message.SERVICE_REQUEST, 4 + SERVICE.length());
        Wire.string(out, SERVICE);
        below.send(out);
        below.flush();
    }

    @Override
    public boolean received(int message, ByteBuf payload) {
        Packets below = Objects.requireNonNull(packets);
        if (!accepted && message != Message.SERVICE_ACCEPT) {
            throw Violation.protocol("message " + message + ": expected " + SERVICE + " to be accepted");
        }
        switch (message) {
            case Message.SERVICE_ACCEPT -> {
                if (accepted || !Wire.name(payload).equals(SERVICE)) {
                    throw Violation.protocol("service accepted: expected " + SERVICE + ", once");
                }
                accepted = true;
                offer(below);
            }
            case Message.USERAUTH_FAILURE -> {
                if (!Wire.nameList(payload).contains(AuthRequest.PUBLIC_KEY)) {
                    throw over("login as " + user + ": the server takes no keys");
                }
                offer(below);
            }
            case Message.USERAUTH_SUCCESS -> {
                Wire.end(payload);
                below.handOver(next.get());
            }
            case Message.USERAUTH_BANNER -> banner(payload);
            default -> {
                return false;
            }
        }
        return true;
    }

    /** Nobody is there to read it. */
    private void banner(ByteBuf payload) {
        if (++banners > MOST_BANNERS || payload.readableBytes() > LONGEST_BANNER) {
            throw Violation.protocol("login: banners: expected fewer, and shorter ones");
        }
    }

    private void offer(Packets below) {
        Offer offer = offers.poll();
        if (offer == null) {
            throw over("login as " + user + ": the server takes none of our keys");
        }
        byte[] request = request(below, offer);
        ByteBuf out = below.payload(Message.USERAUTH_REQUEST, request.length);
        out.writeBytes(request);
        below.send(out);
    }

    private static Violation over(String text) {
        return Violation.of(Disconnect.NO_MORE_AUTH_METHODS, text);
    }

    private byte[] request(Packets below, Offer offer) {
        String signature = signature(below, offer.key);
        String algorithm = offer.certificate
                .map(certificate -> UserKey.certified(certificate.key().type(), signature))
                .orElse(signature);
        boolean bound = "0".equals(below.extension(BOUND));
        SshWriter out = new SshWriter()
                .string(user)
                .string(AuthRequest.SERVICE)
                .string(bound ? AuthRequest.HOST_BOUND : AuthRequest.PUBLIC_KEY)
                .flag(true)
                .string(algorithm)
                .string(offer.certificate
                        .map(SshCertificate::blob)
                        .orElseGet(() -> offer.key.publicKey().blob()));
        if (bound) {
            out.string(below.hostKey());
        }
        byte[] data = new SshWriter()
                .string(below.sessionId())
                .u8(Message.USERAUTH_REQUEST)
                .raw(out.bytes())
                .bytes();
        try {
            return out.string(offer.key.sign(signature, data)).bytes();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The best algorithm of the key that the server names; the best of all where it names none. */
    private static String signature(Packets below, SshPrivateKey key) {
        String named = below.extension(ALGORITHMS);
        List<String> known = named == null ? List.of() : Arrays.asList(named.split(",", -1));
        return key.algorithms().stream()
                .filter(known::contains)
                .findFirst()
                .orElse(key.algorithms().get(0));
    }

    @Override
    public void writable() {
        // One request is under way at a time.
    }

    @Override
    public void drain() {
        if (packets != null) {
            packets.disconnect(Violation.of(Disconnect.BY_APPLICATION, "draining"));
        }
    }

    @Override
    public void closed(Violation why) {
        offers.clear();
    }
}
