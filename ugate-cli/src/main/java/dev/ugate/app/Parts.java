package dev.ugate.app;

import dev.ugate.app.log.DryRuns;
import dev.ugate.app.log.Journals;
import dev.ugate.app.log.Logs;
import dev.ugate.app.log.MeshAudit;
import dev.ugate.app.mesh.MeshNode;
import dev.ugate.app.reverse.Moorings;
import dev.ugate.app.reverse.Names;
import dev.ugate.app.ssh.Door;
import dev.ugate.app.ssh.Welcome;
import dev.ugate.config.CertificateFiles;
import dev.ugate.config.Config;
import dev.ugate.config.ProcessConfig;
import dev.ugate.discovery.Setup;
import dev.ugate.discovery.Sources;
import dev.ugate.discovery.dns.Dns;
import dev.ugate.gate.Ejections;
import dev.ugate.gate.Gatekeeper;
import dev.ugate.gate.HealthChecks;
import dev.ugate.gate.LiveStreams;
import dev.ugate.gate.Outbound;
import dev.ugate.gate.OwnAddresses;
import dev.ugate.gate.Plan;
import dev.ugate.gate.Rates;
import dev.ugate.gate.Shedding;
import dev.ugate.gate.Snapshot;
import dev.ugate.gate.mesh.Border;
import dev.ugate.gate.mesh.Drops;
import dev.ugate.gate.mesh.Vips;
import dev.ugate.identity.KeyStore;
import dev.ugate.metrics.Metrics;
import dev.ugate.model.Discovery;
import dev.ugate.model.Limits;
import dev.ugate.net.Admission;
import dev.ugate.net.Loops;
import dev.ugate.net.TcpTransport;
import dev.ugate.net.Transports;
import dev.ugate.net.pool.RequestCounts;
import dev.ugate.net.proxy.HttpConnectTransport;
import dev.ugate.net.proxy.ProxyHeaderTransport;
import dev.ugate.net.proxy.Socks5Transport;
import dev.ugate.net.reverse.Reverse;
import dev.ugate.net.tls.Certificates;
import dev.ugate.net.tls.MeshContexts;
import dev.ugate.net.tls.PemCertificates;
import dev.ugate.net.tls.TlsTransport;
import dev.ugate.net.udp.UdpTransport;
import dev.ugate.policy.Watched;
import dev.ugate.protocols.Protocols;
import dev.ugate.protocols.http.Http;
import dev.ugate.protocols.http.client.AttemptDeadline;
import dev.ugate.protocols.http.client.HboneTransport;
import dev.ugate.protocols.http.client.HttpRoundTrip;
import dev.ugate.protocols.http.client.RequestDeadline;
import dev.ugate.protocols.http.client.Requests;
import dev.ugate.protocols.http.client.Retry;
import dev.ugate.protocols.http.ws.WebSocketTransport;
import dev.ugate.protocols.ssh.Ssh;
import dev.ugate.protocols.ssh.client.SshTransport;
import dev.ugate.route.Routes;
import dev.ugate.spi.Journal;
import dev.ugate.spi.Protocol;
import dev.ugate.spi.RoundTrip;
import dev.ugate.spi.Settings;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.ClientAuth;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Every object of a running ugate, wired from a configuration in {@link #of}: read it to see what the process consists of.
 */
record Parts(
        Loops loops,
        Metrics metrics,
        Logs logs,
        Admission admission,
        Snapshot<Plan> plan,
        Snapshot<OwnAddresses> own,
        Snapshot<Certificates> certificates,
        MeshNode mesh,
        Door ssh,
        Moorings moorings,
        Resolver resolver,
        Ejections ejections,
        HealthChecks health,
        Ways ways,
        LiveStreams live,
        Outbound outbound,
        Gatekeeper gate,
        Listeners listeners,
        Watchdog watchdog) {

    private static final long SWEEP_SECONDS = 30;

    /**
     * The ways out as the process steers and uses them.
     *
     * @param told what requests on their way out read anew each time
     * @param roundTrip sends requests; the one that the gate uses
     * @param tunnels what connections to peers of the mesh did
     * @param rereadTrust lets the files that upstream TLS trusts be read again
     * @param drops what did not leave the mesh
     * @param vips the nodes that are known by their addresses
     */
    record Ways(
            Snapshot<Settings> told,
            RoundTrip roundTrip,
            RequestCounts counts,
            RequestCounts tunnels,
            Runnable rereadTrust,
            Drops drops,
            Vips vips) {}

    static Parts of(Config config, Logs logs, KeyStore keys) {
        Loops loops = loops(config.process().loops());
        Metrics metrics = new Metrics();
        Admission admission = admission(config.limits());
        Ejections ejections = new Ejections(System::nanoTime);
        LiveStreams live = new LiveStreams();
        Snapshot<OwnAddresses> own = new Snapshot<>(OwnAddresses.NONE);
        Snapshot<Certificates> certificates = new Snapshot<>(Certificates.NONE);
        Vips vips = vips(config);
        MeshNode mesh = new MeshNode(keys, Clock.systemUTC(), applicationProtocols(), vips);
        Executor blocking = Resolver.blocking();
        Door ssh = new Door(mesh, keys, Clock.systemUTC(), Path.of(System.getProperty("user.home", "/")), blocking);
        Watchdog watchdog = watchdog(loops, live);
        Snapshot<Settings> told = new Snapshot<>(settings(config, journals(metrics, logs, admission), watchdog));
        Resolver resolver = new Resolver(config.discovery().dns(), loops, blocking);
        Drops drops = new Drops(System::nanoTime, MeshAudit::report);
        Names names = new Names(config, mesh::identity, mesh::id);
        Reverse reverse = new Reverse(names::terms);
        Discovery discovery = discovery(config, resolver.dns(), reverse, loops);
        Border border = new Border(config.mesh().mesh(), vips, drops);
        Snapshot<Plan> plan = new Snapshot<>(plan(config, discovery, border));
        RequestCounts tunnels = new RequestCounts();
        Transports transports = transports(loops, told, tunnels, mesh::identity, blocking);
        RequestCounts counts = new RequestCounts();
        SshTransport carrier = ssh.carrier(transports, told::read, tunnels);
        transports
                .add("mtls", mesh.begin(transports, loops.next(), blocking))
                .add("ssh", carrier)
                .add(Reverse.WORD, reverse)
                .add("requests", new Requests(transports, told::read, counts));
        Outbound outbound = new Outbound(plan, own, transports, ejections, System::nanoTime);
        Runnable reread = () -> transports.add("tls", new TlsTransport(transports, blocking));
        Ways ways = new Ways(told, roundTrip(outbound, told, counts), counts, tunnels, reread, drops, vips);
        Ssh server = ssh.server(new Welcome(plan, reverse, live).house(loops, admission, blocking, ssh));
        Moorings.Carriers ropes = new Moorings.Carriers(new Http(reverse), server, carrier);
        List<Protocol> protocols = Protocols.all(mesh.certificates(certificates::read), ropes.http(), server);
        Gatekeeper gate = new Gatekeeper(protocols, outbound, ways.roundTrip(), live, new Rates(System::nanoTime));
        Moorings.Means means = new Moorings.Means(ropes, gate, loops, transports, plan, told::read, names);
        return new Parts(
                        loops,
                        metrics,
                        logs,
                        admission,
                        plan,
                        own,
                        certificates,
                        mesh,
                        ssh,
                        new Moorings(means, reverse),
                        resolver,
                        ejections,
                        new HealthChecks(transports, ejections, loops.next()),
                        ways,
                        live,
                        outbound,
                        gate,
                        new Listeners(loops, admission, gate, blocking, names::own),
                        watchdog)
                .tended();
    }

    /** Looked after from now on, and counted. */
    private Parts tended() {
        Gauges.register(this);
        EventLoop timer = loops.next();
        timer.scheduleWithFixedDelay(ssh::sweep, 1, 1, TimeUnit.SECONDS);
        timer.scheduleWithFixedDelay(admission::sweep, SWEEP_SECONDS, SWEEP_SECONDS, TimeUnit.SECONDS);
        return this;
    }

    private static Admission admission(Limits limits) {
        return new Admission(limits, FdBudget.now(limits).connections(limits), System::nanoTime);
    }

    private static RoundTrip roundTrip(Outbound outbound, Snapshot<Settings> told, RequestCounts counts) {
        return new RequestDeadline(
                new Retry(new AttemptDeadline(new HttpRoundTrip(outbound)), told::read, counts), told::read);
    }

    private static Vips vips(Config config) {
        Vips vips = new Vips();
        vips.pin(nodes(config));
        return vips;
    }

    private static List<String> applicationProtocols() {
        List<String> all = new ArrayList<>(Protocols.applicationProtocols());
        all.add(MeshContexts.ANYTHING);
        return all;
    }

    private static Loops loops(ProcessConfig.Loops config) {
        int count = config.count().orElse(Runtime.getRuntime().availableProcessors());
        return Loops.start(Loops.Backend.valueOf(config.backend().name()), count, config.mark());
    }

    /** {@code own} is whom the node proves to be. */
    static Transports transports(
            Loops loops,
            Snapshot<Settings> told,
            RequestCounts tunnels,
            Supplier<Optional<String>> own,
            Executor blocking) {
        Limits limits = told.read().limits();
        Transports transports = new Transports();
        return transports
                .add("tcp", new TcpTransport(loops, limits))
                .add("udp", new UdpTransport())
                .add("tls", new TlsTransport(transports, blocking))
                .add("socks5", new Socks5Transport(transports))
                .add("http", new HttpConnectTransport(transports, limits))
                .add("ws", new WebSocketTransport(transports, limits))
                .add("hbone", new HboneTransport(transports, told::read, tunnels, own))
                .add("proxy-v1", ProxyHeaderTransport.v1(transports))
                .add("proxy-v2", ProxyHeaderTransport.v2(transports));
    }

    private static Discovery discovery(Config config, Discovery dns, Reverse reverse, Loops loops) {
        Setup setup =
                new Setup(config.discovery().services(), dns, config.timeouts().resolve(), loops.next());
        return reverse.before(Sources.chain(config.discovery().chain(), setup));
    }

    private static Plan plan(Config config, Discovery discovery, Border border) {
        return new Plan(
                Watched.of(config.policy(), DryRuns::report),
                new Routes(config.routes()),
                discovery,
                config.timeouts(),
                border);
    }

    /** The nodes that the configuration knows by their keys. */
    private static List<Vips.Alias> nodes(Config config) {
        return config.discovery().services().stream()
                .flatMap(service -> service.publicKey().stream()
                        .map(key -> new Vips.Alias(key.vip(), key.id(), Optional.of(service.name()))))
                .toList();
    }

    /** Makes the nodes of another configuration known by their addresses. */
    void pin(Config config) {
        ways.vips().pin(nodes(config));
    }

    /** The decisions of another configuration. */
    Plan plan(Config config, Dns dns) {
        Discovery discovery = discovery(config, dns, moorings.reverse(), loops);
        return plan(config, discovery, new Border(config.mesh().mesh(), ways.vips(), ways.drops()));
    }

    /** Loads the certificate files of a configuration; throws {@link IOException} with the file's name. */
    Certificates certificates(Config config) throws IOException {
        List<PemCertificates.Files> files = new ArrayList<>();
        for (CertificateFiles one : config.certificates()) {
            ClientAuth clientAuth =
                    switch (one.clientAuth()) {
                        case NONE -> ClientAuth.NONE;
                        case REQUEST -> ClientAuth.OPTIONAL;
                        case REQUIRE -> ClientAuth.REQUIRE;
                    };
            files.add(new PemCertificates.Files(one.cert(), one.key(), clientAuth, one.ca()));
        }
        return PemCertificates.load(files, Protocols.applicationProtocols());
    }

    void apply(Plan next, Certificates loaded, Settings settings) {
        ways.told().replace(settings);
        plan.replace(next);
        certificates.replace(loaded);
        ways.rereadTrust().run();
        health.follow(next);
        live.judge(next);
    }

    private static Watchdog watchdog(Loops loops, LiveStreams live) {
        Overload overload = new Overload();
        Shedding shedding = new Shedding(live);
        return new Watchdog(loops, lag -> {
            double used = overload.used();
            shedding.look(used);
            return overload.level(used, lag);
        });
    }

    /** What the data path is told under this configuration. */
    Settings settings(Config config) {
        return settings(config, journals(metrics, logs, admission), watchdog);
    }

    private static Settings settings(Config config, Journal journal, Watchdog watchdog) {
        return new Settings(config.timeouts(), config.limits(), journal, watchdog::pressure);
    }

    private static Journal journals(Metrics metrics, Logs logs, Admission admission) {
        List<Journal> journals = new ArrayList<>(List.of(metrics));
        logs.access().ifPresent(journals::add);
        return new Journals(journals, admission);
    }

    void close(long seconds) {
        moorings.close(Duration.ZERO);
        listeners.drain(Duration.ZERO);
        watchdog.close();
        loops.stop(seconds).awaitUninterruptibly(seconds * 1000 + 1000);
        logs.close();
    }
}
