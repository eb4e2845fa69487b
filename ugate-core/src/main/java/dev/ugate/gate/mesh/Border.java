package dev.ugate.gate.mesh;

import dev.ugate.gate.mesh.Drop.Reason;
import dev.ugate.model.Endpoint;
import dev.ugate.model.HostPort;
import dev.ugate.model.Intent;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.mesh.Mesh;
import dev.ugate.model.mesh.Mesh.Mode;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Where the mesh ends: what is inside, whom it must prove to be, and what may not be dialled. Same question, same answer, but for what
 * {@code vips} learns.
 *
 * @param vips which node an address of E20 stands for
 * @param told of everything that is not dialled, or would not be
 */
public record Border(Mesh mesh, Function<InetAddress, Optional<Vips.Alias>> vips, Consumer<Drop> told) {
    /** The names of E20, strictly, and nobody hears of it. */
    public static final Border STANDARD = new Border(Mesh.STANDARD, vip -> Optional.empty(), drop -> {});

    /** How the first 64 bits of every VIP are written (RFC 5952). */
    private static final String VIP = "fd00::";

    /** The intent by the name of the node whose address it asks for, so that policy and routes see the name. */
    public Intent named(Intent intent) {
        HostPort target = intent.target();
        if (!target.host().startsWith(VIP) || mesh.suffixes().isEmpty()) {
            return intent;
        }
        return target.literal()
                .flatMap(vips)
                .map(alias -> intent.withTarget(new HostPort(name(alias), target.port())))
                .orElse(intent);
    }

    private String name(Vips.Alias alias) {
        return alias.name()
                .orElseGet(() -> alias.node().text().toLowerCase(Locale.ROOT)
                        + mesh.suffixes().get(0));
    }

    /**
     * What may be dialled of the answer to {@code sought}, for a stream that asked for {@code asked}, and how: endpoints that say no
     * carriers but an identity get those of the mesh, as stages in their order.
     */
    public Crossing across(HostPort asked, HostPort sought, List<List<Endpoint>> stages) {
        return concerns(asked, sought, stages)
                ? new Inspection(this, asked, sought).of(stages)
                : Crossing.outside(stages);
    }

    private boolean concerns(HostPort asked, HostPort sought, List<List<Endpoint>> stages) {
        if (mesh.rule(asked).isPresent() || mesh.rule(sought).isPresent()) {
            return true;
        }
        for (List<Endpoint> stage : stages) {
            for (Endpoint endpoint : stage) {
                if (endpoint.identity().isPresent() || rule(endpoint).isPresent()) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Tells that a target could not be resolved, if it is one of the mesh. */
    public void unresolved(HostPort target, Refused why) {
        if (mesh.rule(target).isPresent()) {
            told.accept(new Drop(target, Reason.UNRESOLVED, true, why));
        }
    }

    /** What keeps an endpoint that somebody wants to dial, or dialled before, from being one for {@code asked}. */
    public Optional<Drop> objection(HostPort asked, Endpoint endpoint) {
        if (endpoint.isLocal()
                || isProven(endpoint)
                || mesh.rule(asked).or(() -> rule(endpoint)).isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                endpoint.isProven()
                        ? drop(asked, Reason.NO_IDENTITY, endpoint, "expected an identity to ask for")
                        : drop(asked, Reason.NO_CARRIER, endpoint, "expected an authenticated carrier"));
    }

    static boolean isProven(Endpoint endpoint) {
        return endpoint.identity().isPresent() && endpoint.isProven();
    }

    private Drop drop(HostPort asked, Reason reason, Endpoint endpoint, String problem) {
        String mode = mesh.mode().name().toLowerCase(Locale.ROOT);
        String text = "mesh: endpoint " + endpoint + ": " + problem + " (" + mode + ")";
        return new Drop(asked, reason, mesh.mode() == Mode.STRICT, Refused.because(Refusal.UPSTREAM_IDENTITY, text));
    }

    /** What makes an endpoint one of the mesh: its name, or where it would be dialled. */
    Optional<String> rule(Endpoint endpoint) {
        Optional<String> named = mesh.rule(endpoint.host());
        if (named.isPresent() || mesh.cidrs().isEmpty()) {
            return named;
        }
        for (SocketAddress address : endpoint.addresses()) {
            if (address instanceof InetSocketAddress internet && !internet.isUnresolved()) {
                Optional<String> inside = mesh.rule(internet.getAddress());
                if (inside.isPresent()) {
                    return inside;
                }
            }
        }
        return Optional.empty();
    }
}
