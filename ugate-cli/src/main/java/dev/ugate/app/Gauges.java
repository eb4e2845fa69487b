package dev.ugate.app;

import dev.ugate.app.mesh.MeshNode;
import dev.ugate.app.reverse.Moorings;
import dev.ugate.discovery.dns.DnsCounts;
import dev.ugate.gate.mesh.Drop;
import dev.ugate.metrics.Metrics;
import dev.ugate.model.Identity.End;
import dev.ugate.net.io.DirectMemory;
import dev.ugate.net.pool.RequestCounts;
import dev.ugate.net.reverse.Reverse;
import dev.ugate.net.tls.LiveProofs.Cut;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.ToLongFunction;

/** The values that metrics read from the parts when they are asked for. */
final class Gauges {
    private Gauges() {}

    private static Map<String, DoubleSupplier> reasons(ToLongFunction<Drop.Reason> count) {
        Map<String, DoubleSupplier> counts = new HashMap<>();
        for (Drop.Reason reason : Drop.Reason.values()) {
            counts.put(reason.label(), () -> count.applyAsLong(reason));
        }
        return counts;
    }

    static void register(Parts parts) {
        Metrics metrics = parts.metrics();
        metrics.gauge("ugate_connections_open", "Accepted connections that are open", parts.admission()::connections);
        metrics.count("ugate_connections_accepted_total", "Connections accepted", parts.admission()::accepted);
        metrics.gauge("ugate_handshakes", "Connections whose intent is not known yet", parts.admission()::handshakes);
        metrics.gauge("ugate_streams_live", "Streams that live now", parts.live()::count);
        metrics.gauge("ugate_ejections", "Endpoints that rest after failures", parts.ejections()::count);
        mesh(metrics, parts.mesh());
        reverse(metrics, parts.moorings());
        ssh(metrics, parts);
        metrics.gauge("ugate_loop_lag_seconds", "How late the slowest event loop is", parts.watchdog()::lagSeconds);
        metrics.gauge(
                "ugate_pressure",
                "How short memory and time are: 0 not, 1 idle things go, 2 nothing new begins, 3 the largest streams are cut",
                () -> parts.watchdog().pressure().number());
        metrics.gauge("ugate_direct_memory_bytes", "Memory for network buffers, taken in chunks", DirectMemory::used);
        metrics.gauge("ugate_direct_memory_held_bytes", "What of it is in buffers", DirectMemory::held);
        metrics.gauge("ugate_heap_bytes", "Heap in use", () -> {
            Runtime runtime = Runtime.getRuntime();
            return runtime.totalMemory() - runtime.freeMemory();
        });
        metrics.count(
                "ugate_access_log_dropped_total",
                "Access lines that did not fit into the queue",
                parts.logs()::dropped);
        metrics.count(
                "ugate_mirrors_total",
                "Copies of requests sent to mirrors",
                parts.gate().roundTrip().mirrors()::sent);
        metrics.count(
                "ugate_mirrors_dropped_total",
                "Copies dropped because a mirror was too slow",
                parts.gate().roundTrip().mirrors()::dropped);
        metrics.limit("connections", parts.admission()::maxConnections, parts.admission()::connections);
        metrics.gauge(
                "ugate_dns_entries",
                "Names in the DNS cache",
                () -> parts.resolver().dns().entries());
        border(metrics, parts);
        RequestCounts requests = parts.ways().counts();
        metrics.gauge("ugate_upstream_connections", "Connections for requests that are open", requests::open);
        metrics.gauge("ugate_upstream_pending", "Requests that wait for a connection", requests::waiting);
        for (RequestCounts.Event event : RequestCounts.Event.values()) {
            metrics.count(
                    "ugate_upstream_" + event.word() + "_total", "Upstream: " + event.doc(), () -> requests.of(event));
        }
        RequestCounts tunnels = parts.ways().tunnels();
        metrics.gauge("ugate_mesh_connections", "Connections to peers of the mesh that are open", tunnels::open);
        for (RequestCounts.Event event : List.of(RequestCounts.Event.DIALLED, RequestCounts.Event.REUSED)) {
            metrics.count(
                    "ugate_mesh_" + event.word() + "_total",
                    "Mesh: " + event.doc().replace("request", "tunnel"),
                    () -> tunnels.of(event));
        }
        dns(metrics, parts);
    }

    private static void border(Metrics metrics, Parts parts) {
        metrics.counts(
                "ugate_mesh_drops_total",
                "Endpoints in the mesh that were not dialled",
                "reason",
                reasons(parts.ways().drops()::dropped));
        metrics.counts(
                "ugate_mesh_audit_total",
                "Endpoints in the mesh that strict mode would not have let be dialled",
                "reason",
                reasons(parts.ways().drops()::audited));
        metrics.count(
                "ugate_streams_cut_total", "Streams reset because a reload no longer allowed them", parts.live()::cut);
    }

    private static void dns(Metrics metrics, Parts parts) {
        for (DnsCounts.Event event : DnsCounts.Event.values()) {
            String name = event.name().toLowerCase(Locale.ROOT);
            metrics.count(
                    "ugate_dns_" + name + "_total",
                    "DNS resolver: " + event.label(),
                    () -> parts.resolver().dns().counts().of(event));
        }
    }

    private static void reverse(Metrics metrics, Moorings moorings) {
        Reverse reverse = moorings.reverse();
        metrics.gauge("ugate_reverse_names", "Names reached through connections of their owners", reverse::owned);
        metrics.gauge("ugate_reverse_tunnels", "Connections that owners keep open for their names", reverse::open);
        metrics.count(
                "ugate_reverse_refused_total", "Names and connections refused to those who asked", reverse::refused);
        metrics.gauge("ugate_reverse_gateways", "Gateways at which this node is reachable", moorings::up);
    }

    private static void ssh(Metrics metrics, Parts parts) {
        metrics.gauge("ugate_ssh_logins", "Live SSH logins of others than members of the mesh", parts.ssh()::logins);
        metrics.count(
                "ugate_ssh_hosts_revoked_total",
                "SSH connections ended because their host was revoked",
                parts.ssh()::hostsRevoked);
        metrics.limit(
                "sshCommands",
                () -> parts.ways().told().read().limits().ssh().sshCommands(),
                parts.ssh().commands()::running);
    }

    private static void mesh(Metrics metrics, MeshNode mesh) {
        metrics.gauge("ugate_cert_seconds_left", "Life of the certificate that the mesh is shown", mesh::secondsLeft);
        metrics.gauge(
                "ugate_members_in",
                "Live connections from members of the mesh",
                () -> mesh.proofs().count(End.CLIENT));
        metrics.gauge(
                "ugate_members_out",
                "Live connections to members of the mesh",
                () -> mesh.proofs().count(End.SERVER));
        for (Cut why : Cut.values()) {
            String word = why.name().toLowerCase(Locale.ROOT);
            metrics.count(
                    "ugate_members_" + word + "_total",
                    "Mesh connections ended because the peer's certificate was " + word,
                    () -> mesh.proofs().ended(why));
        }
    }
}
