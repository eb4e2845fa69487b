package dev.ugate.app;

import dev.ugate.app.Admin.Answer;
import dev.ugate.app.explain.Supposed;
import dev.ugate.app.log.AccessLog;
import dev.ugate.app.log.JsonText;
import dev.ugate.app.mesh.MeshNode;
import dev.ugate.config.ListenAddress;
import dev.ugate.config.ListenerConfig;
import dev.ugate.gate.Explain;
import dev.ugate.gate.LiveStreams;
import dev.ugate.gate.Plan;
import dev.ugate.gate.mesh.Crossing;
import dev.ugate.model.HostPort;
import dev.ugate.model.Identity.End;
import dev.ugate.model.Intent;
import dev.ugate.model.Ip;
import dev.ugate.model.Refused;
import dev.ugate.model.Resolution;
import dev.ugate.model.Route;
import dev.ugate.model.mesh.Mesh;
import dev.ugate.net.Failures;
import dev.ugate.spi.Ingress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** What the admin interface tells about the instance, as text for people or JSON for programs. */
final class Reports {
    private static final int MAX_ROWS = 10_000;

    private final App app;
    private final Parts parts;
    private final long begun = System.nanoTime();

    Reports(App app, Parts parts) {
        this.app = app;
        this.parts = parts;
    }

    Answer streams(boolean json) {
        List<LiveStreams.Row> rows = parts.live().rows(MAX_ROWS);
        StringBuilder out = new StringBuilder();
        if (json) {
            JsonText text = new JsonText(out)
                    .begin()
                    .field("count", parts.live().count())
                    .array("streams");
            for (LiveStreams.Row row : rows) {
                text.begin()
                        .field("protocol", row.protocol())
                        .field("from", row.from())
                        .field("to", row.to().toString())
                        .field("listener", row.listener())
                        .field("route", row.route())
                        .field("via", row.endpoint().orElse("-"))
                        .field("identity", row.identity().orElse("-"))
                        .field("ms", row.age().toMillis())
                        .end();
            }
            text.endArray().end();
            return Answer.json(out.append('\n').toString());
        }
        for (LiveStreams.Row row : rows) {
            out.append(String.format(
                    Locale.ROOT,
                    "%-8s %-28s -> %-32s route %-12s via %-24s %ds%n",
                    row.protocol(),
                    row.from(),
                    row.to(),
                    row.route(),
                    row.endpoint().orElse("-"),
                    row.age().toSeconds()));
        }
        return Answer.text(
                200, out.append(parts.live().count()).append(" streams\n").toString());
    }

    /** 200 when ready, else 503. */
    Answer status(boolean json) {
        long uptime = (System.nanoTime() - begun) / 1_000_000_000L;
        String state = app.state();
        int code = app.ready() ? 200 : 503;
        StringBuilder out = new StringBuilder();
        if (json) {
            JsonText text = new JsonText(out)
                    .begin()
                    .field("version", Build.VERSION)
                    .field("state", state)
                    .field("uptime_seconds", uptime)
                    .field("connections", parts.admission().connections())
                    .field("max_connections", parts.admission().maxConnections())
                    .field("streams", parts.live().count())
                    .field("identity", parts.mesh().identity().orElse("-"))
                    .field("cert_seconds_left", parts.mesh().secondsLeft())
                    .field("members_in", parts.mesh().proofs().count(End.CLIENT))
                    .field("members_out", parts.mesh().proofs().count(End.SERVER))
                    .field("reverse_names", parts.moorings().reverse().owned())
                    .field("reverse_gateways", parts.moorings().up())
                    .field("loops", parts.loops().count())
                    .field("backend", parts.loops().backend().name().toLowerCase(Locale.ROOT))
                    .array("listeners");
            lists(text);
            return new Answer(code, "application/json", out.append('\n').toString());
        }
        out.append("ugate ")
                .append(Build.VERSION)
                .append(' ')
                .append(state)
                .append(", up ")
                .append(uptime)
                .append("s, ");
        out.append(parts.loops().count())
                .append(' ')
                .append(parts.loops().backend().name().toLowerCase(Locale.ROOT))
                .append(" loops\n");
        out.append("connections ")
                .append(parts.admission().connections())
                .append(" of ")
                .append(parts.admission().maxConnections());
        out.append(", streams ").append(parts.live().count()).append('\n');
        mesh(out, parts.mesh());
        out.append(parts.moorings().text());
        parts.listeners()
                .addresses()
                .forEach((configured, bound) -> out.append("listening on ")
                        .append(
                                configured.medium() == ListenAddress.Medium.TCP
                                        ? AccessLog.address(bound)
                                        : configured.toString())
                        .append('\n'));
        warnings().forEach(warning -> out.append("warning: ").append(warning).append('\n'));
        return Answer.text(code, out.toString());
    }

    /** The rest of the status, from inside its list of listeners. */
    private void lists(JsonText text) {
        parts.listeners()
                .addresses()
                .forEach((configured, bound) -> text.begin()
                        .field("configured", configured.toString())
                        .field("bound", AccessLog.address(bound))
                        .end());
        text.endArray().array("warnings");
        warnings().forEach(text::item);
        text.endArray().end();
    }

    /** What the operator should change. */
    private List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        parts.mesh().warning().ifPresent(warnings::add);
        if (parts.plan().read().border().mesh().mode() == Mesh.Mode.AUDIT) {
            warnings.add("mesh: audit: streams may leave in the clear, "
                    + parts.ways().drops().audited() + " endpoints so far: expected mode strict");
        }
        return warnings;
    }

    private static void mesh(StringBuilder out, MeshNode mesh) {
        if (mesh.identity().isPresent()) {
            out.append("mesh ")
                    .append(mesh.identity().get())
                    .append(" for ")
                    .append(mesh.secondsLeft())
                    .append("s, connections ")
                    .append(mesh.proofs().count(End.CLIENT))
                    .append(" in, ")
                    .append(mesh.proofs().count(End.SERVER))
                    .append(" out\n");
        }
    }

    /** The first TCP listener through which a client of this machine may reach any target, as {@code host:port}; 404 where none is. */
    Answer proxy() {
        Map<ListenAddress, SocketAddress> bound = parts.listeners().addresses();
        return app.config().listeners().stream()
                .filter(listener -> listener.proxies("socks5") && listener.proxies("http"))
                .map(listener -> bound.get(listener.address()))
                .filter(InetSocketAddress.class::isInstance)
                .map(at -> Answer.text(200, AccessLog.address(reachable((InetSocketAddress) at)) + "\n"))
                .findFirst()
                .orElseGet(() -> Answer.text(404, "proxy: no listener forwards: expected one with forward: open\n"));
    }

    private static InetSocketAddress reachable(InetSocketAddress at) {
        return at.getAddress().isAnyLocalAddress()
                ? new InetSocketAddress(Ip.of(new byte[] {127, 0, 0, 1}), at.getPort())
                : at;
    }

    Answer routes() {
        StringBuilder out = new StringBuilder();
        for (Route route : app.config().routes()) {
            out.append(route.name())
                    .append(": ")
                    .append(route.when())
                    .append(" -> ")
                    .append(route.action());
            route.filters().words().forEach(word -> out.append(", ").append(word));
            out.append('\n');
        }
        return Answer.text(200, out.toString());
    }

    CompletionStage<Answer> resolve(Query query, boolean json) {
        HostPort target;
        try {
            target = HostPort.parse(query.parameter("name").orElse(""), 0);
        } catch (Refused malformed) {
            return CompletableFuture.completedFuture(Answer.text(400, "resolve: " + malformed.text() + "\n"));
        }
        Plan plan = parts.plan().read();
        return plan.discovery().resolve(target).handle((answer, failure) -> {
            if (failure != null) {
                return Answer.text(502, Failures.refused(failure).text() + "\n");
            }
            return answer.map(found ->
                            resolution(target, found, plan.border().across(target, target, found.stages()), json))
                    .orElse(Answer.text(404, "resolve " + target.host() + ": no source knows it\n"));
        });
    }

    private static Answer resolution(HostPort target, Resolution resolution, Crossing crossing, boolean json) {
        StringBuilder out = new StringBuilder();
        String validation = resolution.validation().name().toLowerCase(Locale.ROOT);
        if (json) {
            JsonText text = new JsonText(out)
                    .begin()
                    .field("name", target.host())
                    .field("source", resolution.source())
                    .field("ttl_seconds", resolution.ttl().toSeconds())
                    .field("validation", validation)
                    .array("mesh");
            Explain.mesh(crossing).forEach(step -> text.item(step.says()));
            text.endArray().array("endpoints");
            resolution
                    .stages()
                    .forEach(stage -> stage.forEach(e -> {
                        text.begin()
                                .field("host", e.host().toString())
                                .field("weight", e.weight())
                                .array("addresses");
                        e.addresses().forEach(address -> text.item(AccessLog.address(address)));
                        text.endArray().array("via");
                        e.via().forEach(carrier -> text.item(carrier.name()));
                        text.endArray();
                        e.identity().ifPresent(identity -> text.field("identity", identity));
                        text.end();
                    }));
            text.endArray().end();
            return Answer.json(out.append('\n').toString());
        }
        out.append(target.host()).append(": source ").append(resolution.source());
        out.append(", ttl ")
                .append(resolution.ttl().toSeconds())
                .append("s, validation ")
                .append(validation)
                .append('\n');
        Explain.mesh(crossing)
                .forEach(step -> out.append("  mesh: ").append(step.says()).append('\n'));
        resolution
                .stages()
                .forEach(stage -> stage.forEach(e -> {
                    out.append("  ")
                            .append(e.host())
                            .append(" weight ")
                            .append(e.weight())
                            .append(" via ");
                    out.append(String.join(
                                    ",", e.via().stream().map(c -> c.name()).toList()))
                            .append(" at ");
                    out.append(String.join(
                                    " ",
                                    e.addresses().stream()
                                            .map(AccessLog::address)
                                            .toList()))
                            .append(Explain.expected(e))
                            .append('\n');
                }));
        return Answer.text(200, out.toString());
    }

    CompletionStage<Answer> explain(Query query, boolean json) {
        Supposed supposed;
        try {
            supposed = Supposed.of(query.parameters(), app.config().listeners(), this::terms);
        } catch (Refused malformed) {
            return CompletableFuture.completedFuture(Answer.text(400, "explain: " + malformed.text() + "\n"));
        }
        return Explain.intent(parts.plan().read(), parts.own().read(), supposed.intent(), supposed.ingress())
                .thenApply(steps -> explained(supposed, steps, json));
    }

    private Ingress terms(ListenerConfig listener) {
        return listener.ingress(
                parts.settings(app.config()), Runnable::run, parts.listeners().names());
    }

    private static Answer explained(Supposed supposed, List<Explain.Step> steps, boolean json) {
        Intent intent = supposed.intent();
        String by = supposed.ingress().map(Ingress::name).orElse("none");
        boolean carried = steps.stream()
                .anyMatch(step -> step.goesOn()
                        && (step.by().equals(Explain.ANSWER) || step.says().startsWith("endpoint ")));
        StringBuilder out = new StringBuilder();
        if (json) {
            JsonText text = new JsonText(out)
                    .begin()
                    .field("target", intent.target().toString())
                    .field("listener", by)
                    .field("carried", carried)
                    .array("steps");
            steps.forEach(step -> text.begin()
                    .field("by", step.by())
                    .field("says", step.says())
                    .field("goes_on", step.goesOn())
                    .end());
            text.endArray().end();
            out.append('\n');
        } else {
            out.append(intent.protocol())
                    .append(' ')
                    .append(AccessLog.address(intent.peer().remote()));
            intent.peer().identity().ifPresent(who -> out.append(' ').append(who.name()));
            out.append(" by ")
                    .append(by)
                    .append(" -> ")
                    .append(intent.target())
                    .append(": ")
                    .append(carried ? "carried" : "refused")
                    .append('\n');
            steps.forEach(step -> out.append(step.goesOn() ? "  + " : "  - ")
                    .append(step.by())
                    .append(": ")
                    .append(step.says())
                    .append('\n'));
        }
        return new Answer(carried ? 200 : 403, json ? "application/json" : "text/plain; charset=utf-8", out.toString());
    }
}
