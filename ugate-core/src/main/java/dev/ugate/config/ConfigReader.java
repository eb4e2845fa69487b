package dev.ugate.config;

import dev.ugate.config.CertificateFiles.ClientAuth;
import dev.ugate.config.dns.DnsKeys;
import dev.ugate.config.rules.RuleReader;
import dev.ugate.config.ssh.SshSection;
import dev.ugate.config.yaml.Problems;
import dev.ugate.config.yaml.Value;
import dev.ugate.config.yaml.Value.Fields;
import dev.ugate.model.Bytes;
import dev.ugate.model.Limits;
import dev.ugate.model.Timeouts;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Turns checked values into a {@link Config} and reports what only their meaning shows to be wrong. */
final class ConfigReader {
    private final Folder folder;
    private final Vocabulary vocabulary;
    private final Problems problems;

    ConfigReader(Folder folder, Vocabulary vocabulary, Problems problems) {
        this.folder = folder;
        this.vocabulary = vocabulary;
        this.problems = problems;
    }

    /** Complete only when no problem was reported. */
    Config config(Fields root) {
        List<CertificateFiles> certificates = certificates(root.fields("tls"));
        boolean clientCertificates = certificates.stream().anyMatch(c -> c.clientAuth() != ClientAuth.NONE);
        checkBackend(root);
        RouteReader routes = new RouteReader(folder, vocabulary, problems);
        List<ListenerConfig> listeners = new ListenerReader(folder, problems).listeners(root, clientCertificates);
        return new Config(
                listeners,
                routes.routes(root),
                new RuleReader(problems).rules(root.fields("policy")),
                discovery(root.fields("discovery"), routes),
                new MeshReader(folder, problems).mesh(root.fields("mesh"), listeners),
                new SshSection(folder::inside, folder::secret, problems).ssh(root.fields("ssh")),
                certificates,
                timeouts(root.fields("timeouts")),
                limits(root.fields("limits")),
                process(root));
    }

    /** What only sockets can that are not Java's own. */
    private void checkBackend(Fields root) {
        Fields loops = root.fields("loops");
        if (loops.one("backend", ProcessConfig.Backend.class).orElse(null) != ProcessConfig.Backend.NIO) {
            return;
        }
        if (loops.has("mark")) {
            problems.add(loops.at("mark"), "with backend nio: expected backend epoll or io_uring");
        }
        for (Fields listener : root.each("listeners")) {
            if (listener.has("capture")) {
                problems.add(listener.at("capture"), "with loops.backend nio: expected backend epoll or io_uring");
            }
        }
    }

    private List<CertificateFiles> certificates(Fields tls) {
        List<CertificateFiles> certificates = new ArrayList<>();
        for (Fields fields : tls.each("certificates")) {
            Optional<Path> cert = file(fields, "cert", name -> folder.pem(name, "CERTIFICATE"));
            Optional<Path> key = file(fields, "key", folder::key);
            Optional<Path> ca = file(fields, "ca", name -> folder.pem(name, "CERTIFICATE"));
            ClientAuth clientAuth = fields.one("clientAuth", ClientAuth.class).orElse(ClientAuth.NONE);
            if (fields.has("ca") != (clientAuth != ClientAuth.NONE) && whole(fields, "clientAuth")) {
                problems.add(
                        fields.at(fields.has("ca") ? "ca" : "clientAuth"),
                        fields.has("ca")
                                ? "without clientAuth: expected clientAuth request or require"
                                : "without ca: expected ca, the issuers of client certificates");
            }
            if (cert.isPresent() && key.isPresent()) {
                certificates.add(new CertificateFiles(cert.get(), key.get(), clientAuth, ca));
            }
        }
        return certificates;
    }

    private DiscoveryConfig discovery(Fields discovery, RouteReader routes) {
        DiscoveryConfig standard = DiscoveryConfig.STANDARD;
        List<String> chain = discovery.has("chain") ? discovery.all("chain", String.class) : standard.chain();
        if (new HashSet<>(chain).size() < chain.size()) {
            problems.add(discovery.at("chain"), "source twice: expected each once");
        }
        List<DiscoveryConfig.Service> services = routes.services(discovery.fields("config"));
        if (!services.isEmpty() && !chain.contains("config")) {
            problems.add(discovery.at("config"), "never asked: expected config in chain");
        }
        return new DiscoveryConfig(chain, services, DnsKeys.read(discovery.fields("dns"), problems));
    }

    private ProcessConfig process(Fields root) {
        ProcessConfig standard = ProcessConfig.STANDARD;
        Fields loops = root.fields("loops");
        Fields log = root.fields("log");
        return new ProcessConfig(
                new ProcessConfig.Loops(
                        loops.one("count", Integer.class).filter(count -> count > 0),
                        loops.one("backend", ProcessConfig.Backend.class)
                                .orElse(standard.loops().backend()),
                        loops.one("mark", Integer.class).orElse(0)),
                admin(root.fields("admin")),
                new ProcessConfig.Log(
                        log.one("level", ProcessConfig.Level.class)
                                .orElse(standard.log().level()),
                        log.one("access", ProcessConfig.Access.class)
                                .orElse(standard.log().access()),
                        file(log, "file", folder::resolve)));
    }

    private InetSocketAddress admin(Fields admin) {
        Optional<ListenAddress> address = admin.one("address", ListenAddress.class);
        if (address.isEmpty()) {
            return ProcessConfig.STANDARD.admin();
        }
        if (address.get().medium() == ListenAddress.Medium.TCP && address.get().local()) {
            return (InetSocketAddress) address.get().socket();
        }
        problems.add(
                admin.at("address"), "address " + address.get() + ": open to others: expected a loopback host:port");
        return ProcessConfig.STANDARD.admin();
    }

    private static Timeouts timeouts(Fields fields) {
        Timeouts standard = Timeouts.STANDARD;
        return new Timeouts(
                fields.one("sniff", Duration.class).orElse(standard.sniff()),
                fields.one("sniffGrace", Duration.class).orElse(standard.sniffGrace()),
                fields.one("handshake", Duration.class).orElse(standard.handshake()),
                fields.one("requestHead", Duration.class).orElse(standard.requestHead()),
                fields.one("keepAlive", Duration.class).orElse(standard.keepAlive()),
                fields.one("resolve", Duration.class).orElse(standard.resolve()),
                fields.one("connect", Duration.class).orElse(standard.connect()),
                fields.one("idle", Duration.class).orElse(standard.idle()),
                fields.one("halfClosed", Duration.class).orElse(standard.halfClosed()),
                fields.one("writeStall", Duration.class).orElse(standard.writeStall()),
                fields.one("lameDuck", Duration.class).orElse(standard.lameDuck()),
                fields.one("drain", Duration.class).orElse(standard.drain()),
                exchange(fields, standard.exchange()));
    }

    private static Timeouts.Exchange exchange(Fields fields, Timeouts.Exchange standard) {
        return new Timeouts.Exchange(
                fields.one("request", Duration.class).orElse(standard.request()),
                fields.one("firstByte", Duration.class).orElse(standard.firstByte()),
                fields.one("bodyIdle", Duration.class).orElse(standard.bodyIdle()),
                fields.one("bodyGrace", Duration.class).orElse(standard.bodyGrace()),
                fields.one("replyIdle", Duration.class).orElse(standard.replyIdle()),
                fields.one("upstreamIdle", Duration.class).orElse(standard.upstreamIdle()));
    }

    private static Limits limits(Fields fields) {
        Limits standard = Limits.STANDARD;
        return new Limits(
                fields.one("connections", Integer.class).orElse(standard.connections()),
                fields.one("fdReserve", Integer.class).orElse(standard.fdReserve()),
                fields.one("connectionsPerSource", Integer.class).orElse(standard.connectionsPerSource()),
                fields.one("handshakes", Integer.class).orElse(standard.handshakes()),
                fields.one("handshakesPerSource", Integer.class).orElse(standard.handshakesPerSource()),
                fields.one("acceptRate", Integer.class).orElse(standard.acceptRate()),
                fields.one("backlog", Integer.class).orElse(standard.backlog()),
                fields.one("sniffBytes", Bytes.class).orElse(standard.sniffBytes()),
                fields.one("helloBytes", Bytes.class).orElse(standard.helloBytes()),
                fields.one("relayBuffer", Bytes.class).orElse(standard.relayBuffer()),
                fields.one("headBytes", Bytes.class).orElse(standard.headBytes()),
                fields.one("headFields", Integer.class).orElse(standard.headFields()),
                fields.one("requestLine", Bytes.class).orElse(standard.requestLine()),
                fields.one("mqttConnect", Bytes.class).orElse(standard.mqttConnect()),
                fields.one("udpFlows", Integer.class).orElse(standard.udpFlows()),
                fields.one("streamRate", Integer.class).orElse(standard.streamRate()),
                fields.one("minBodyRate", Integer.class).orElse(standard.minBodyRate()),
                upstream(fields, standard.upstream()),
                http2(fields, standard.http2()),
                mesh(fields, standard.mesh()),
                reverse(fields, standard.reverse()),
                webSocket(fields, standard.webSocket()),
                ssh(fields, standard.ssh()));
    }

    private static Limits.Ssh ssh(Fields fields, Limits.Ssh standard) {
        return new Limits.Ssh(
                fields.one("sshGrace", Duration.class).orElse(standard.sshGrace()),
                fields.one("sshTries", Integer.class).orElse(standard.sshTries()),
                fields.one("sshChannels", Integer.class).orElse(standard.sshChannels()),
                fields.one("sshRekeyBytes", Bytes.class).orElse(standard.sshRekeyBytes()),
                fields.one("sshRekeyTime", Duration.class).orElse(standard.sshRekeyTime()),
                fields.one("sshPing", Duration.class).orElse(standard.sshPing()),
                fields.one("sshPatience", Duration.class).orElse(standard.sshPatience()),
                fields.one("sshPacket", Bytes.class).orElse(standard.sshPacket()),
                fields.one("sshWindow", Bytes.class).orElse(standard.sshWindow()),
                fields.one("sshCommands", Integer.class).orElse(standard.sshCommands()),
                fields.one("sshCommandTime", Duration.class).orElse(standard.sshCommandTime()));
    }

    private static Limits.Mesh mesh(Fields fields, Limits.Mesh standard) {
        return new Limits.Mesh(
                fields.one("meshStreams", Integer.class).orElse(standard.meshStreams()),
                fields.one("meshStreamWindow", Bytes.class).orElse(standard.meshStreamWindow()),
                fields.one("meshConnectionWindow", Bytes.class).orElse(standard.meshConnectionWindow()),
                fields.one("meshFrame", Bytes.class).orElse(standard.meshFrame()),
                fields.one("meshFrameSent", Bytes.class).orElse(standard.meshFrameSent()),
                fields.one("meshIdle", Duration.class).orElse(standard.meshIdle()),
                fields.one("meshPing", Duration.class).orElse(standard.meshPing()),
                fields.one("meshPatience", Duration.class).orElse(standard.meshPatience()));
    }

    private static Limits.Reverse reverse(Fields fields, Limits.Reverse standard) {
        return new Limits.Reverse(
                fields.one("reverseNames", Integer.class).orElse(standard.reverseNames()),
                fields.one("reverseTunnels", Integer.class).orElse(standard.reverseTunnels()),
                fields.one("reversePing", Duration.class).orElse(standard.reversePing()),
                fields.one("reversePatience", Duration.class).orElse(standard.reversePatience()));
    }

    private static Limits.WebSocket webSocket(Fields fields, Limits.WebSocket standard) {
        return new Limits.WebSocket(
                fields.one("webSocketMessage", Bytes.class).orElse(standard.webSocketMessage()),
                fields.one("webSocketFragments", Integer.class).orElse(standard.webSocketFragments()),
                fields.one("webSocketPing", Duration.class).orElse(standard.webSocketPing()));
    }

    private static Limits.Upstream upstream(Fields fields, Limits.Upstream standard) {
        return new Limits.Upstream(
                fields.one("upstreamConnections", Integer.class).orElse(standard.upstreamConnections()),
                fields.one("upstreamPending", Integer.class).orElse(standard.upstreamPending()),
                fields.one("retries", Integer.class).orElse(standard.retries()),
                fields.one("retryBudget", Integer.class).orElse(standard.retryBudget()),
                fields.one("retryBody", Bytes.class).orElse(standard.retryBody()));
    }

    private static Limits.Http2 http2(Fields fields, Limits.Http2 standard) {
        return new Limits.Http2(
                fields.one("http2Streams", Integer.class).orElse(standard.http2Streams()),
                fields.one("http2StreamsOfLife", Integer.class).orElse(standard.http2StreamsOfLife()),
                fields.one("http2Resets", Integer.class).orElse(standard.http2Resets()),
                fields.one("http2ControlFrames", Integer.class).orElse(standard.http2ControlFrames()),
                fields.one("http2Continuations", Integer.class).orElse(standard.http2Continuations()),
                fields.one("http2EmptyData", Integer.class).orElse(standard.http2EmptyData()),
                fields.one("http2HeadMemory", Bytes.class).orElse(standard.http2HeadMemory()),
                fields.one("http2StreamWindow", Bytes.class).orElse(standard.http2StreamWindow()),
                fields.one("http2StreamWindowMost", Bytes.class).orElse(standard.http2StreamWindowMost()),
                fields.one("http2ConnectionWindow", Bytes.class).orElse(standard.http2ConnectionWindow()),
                fields.one("http2Frame", Bytes.class).orElse(standard.http2Frame()),
                fields.one("http2Table", Bytes.class).orElse(standard.http2Table()),
                fields.one("http2Idle", Duration.class).orElse(standard.http2Idle()),
                fields.one("http2Age", Duration.class).orElse(standard.http2Age()));
    }

    /** The file of a key, when it was written and is what {@code check} demands. */
    private Optional<Path> file(Fields fields, String key, Function<String, Path> check) {
        return file(fields, key, check, problems);
    }

    static <T> Optional<T> file(Fields fields, String key, Function<String, T> check, Problems problems) {
        Optional<String> name = fields.one(key, String.class);
        if (name.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(check.apply(name.get()));
        } catch (IllegalArgumentException e) {
            problems.add(fields.at(key), String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    /** Whether a key is absent or has a value: nothing more need be said about a broken one. */
    static boolean whole(Fields fields, String key) {
        return !(fields.values().get(key) instanceof Value.Broken);
    }
}
