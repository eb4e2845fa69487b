package dev.ugate.net.tls;

import dev.ugate.model.Identity;
import dev.ugate.model.Identity.End;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.mesh.NodeId;
import dev.ugate.model.x509.PublicKeys;
import dev.ugate.net.LayerDial;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Transport;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Speaks mesh TLS over another transport: shows the credential of the dial's workload, and takes no far end but the expected one (T31).
 * Options of the carrier: {@code identity} (whom to expect where it is not the endpoint's; of several with commas between them, any),
 * {@code alpn} (names and commas; {@code ugate} unless given), {@code serverName} (none is sent unless given).
 */
public final class MeshTlsTransport implements Transport {
    private static final List<String> ANYTHING = List.of(MeshContexts.ANYTHING);

    private final Transport below;
    private final Supplier<Optional<MeshContexts>> contexts;
    private final LiveProofs proofs;
    private final Renewals<MeshContexts.Shown> renewals;

    /** {@code contexts} are asked at each handshake, so that a renewal counts for the next one; empty without a credential. */
    public MeshTlsTransport(Transport below, Supplier<Optional<MeshContexts>> contexts, LiveProofs proofs) {
        this.below = below;
        this.contexts = contexts;
        this.proofs = proofs;
        this.renewals = new Renewals<>(this, MeshContexts.Shown::notAfter);
    }

    /** Looks after connections that show a credential which was renewed since; one thread asks, about once a second. */
    public void sweep(Instant now) {
        contexts.get().ifPresent(current -> renewals.sweep(current::shown, now));
    }

    @Override
    public Future<Channel> dial(Dial dial, EventLoop loop) {
        Set<String> expected = expected(dial);
        if (expected.isEmpty()) {
            return loop.newFailedFuture(Refused.because(
                    Refusal.UPSTREAM_IDENTITY,
                    TlsDial.NOUN + ": no identity: expected one: a mesh peer must be expected"));
        }
        return LayerDial.through(
                below, dial, loop, TlsDial.NOUN, (channel, promise) -> handshake(dial, expected, channel, promise));
    }

    private static Set<String> expected(Dial dial) {
        return Optional.ofNullable(dial.carrier().options().get("identity"))
                .or(() -> dial.endpoint().identity())
                .map(names -> Arrays.stream(names.split(","))
                        .map(String::strip)
                        .filter(name -> !name.isEmpty())
                        .collect(Collectors.toUnmodifiableSet()))
                .orElse(Set.of());
    }

    private void handshake(Dial dial, Set<String> expected, Channel channel, Promise<Channel> promise) {
        MeshContexts now = contexts.get()
                .orElseThrow(() -> Refused.because(
                        Refusal.INTERNAL, "no credential: expected mesh.certificate or a key in the state directory"));
        SslContext context = now.client(dial.workload(), TlsDial.offer(dial, ANYTHING));
        TlsDial.begin(dial, channel, handler(context, dial, channel), promise, session -> {
            Optional<Identity> member = session.member();
            if (member.isEmpty() || !isOne(expected, member.get(), session)) {
                return Optional.of(Refused.because(
                        Refusal.UPSTREAM_IDENTITY,
                        "peer identity " + member.map(Identity::name).orElse("none") + ": expected "
                                + String.join(" or ", new TreeSet<>(expected))));
            }
            proofs.add(channel, new LiveProofs.Proof(member.get(), session.chain(), End.SERVER));
            renewals.add(channel, dial, now.shown(dial.workload()));
            return Optional.empty();
        });
    }

    /** Who is expected by key may have had it certified under another name. */
    private static boolean isOne(Set<String> expected, Identity member, TlsHandshake.Session session) {
        return expected.contains(member.name())
                || session.peer()
                        .map(leaf -> NodeId.of(PublicKeys.marshalled(leaf.getPublicKey()))
                                .identity())
                        .filter(expected::contains)
                        .isPresent();
    }

    private static SslHandler handler(SslContext context, Dial dial, Channel channel) {
        String name = dial.carrier().options().get("serverName");
        return name == null
                ? context.newHandler(channel.alloc())
                : context.newHandler(
                        channel.alloc(), name, dial.endpoint().host().port());
    }
}
