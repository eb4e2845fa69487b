package dev.ugate.config;

import dev.ugate.config.mesh.CarrierWords;
import dev.ugate.config.mesh.MeshConfig;
import dev.ugate.config.mesh.MeshConfig.Anchor;
import dev.ugate.config.mesh.MeshConfig.KeyFiles;
import dev.ugate.config.mesh.MeshConfig.Reverse;
import dev.ugate.config.mesh.MeshConfig.ReverseNames;
import dev.ugate.config.yaml.Problems;
import dev.ugate.config.yaml.Value.Fields;
import dev.ugate.model.Carrier;
import dev.ugate.model.Cidr;
import dev.ugate.model.Glob;
import dev.ugate.model.HostPort;
import dev.ugate.model.Peer;
import dev.ugate.model.mesh.Mesh;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads {@code mesh}. */
final class MeshReader {
    private final Folder folder;
    private final Problems problems;

    MeshReader(Folder folder, Problems problems) {
        this.folder = folder;
        this.problems = problems;
    }

    /** {@code listeners} are those that a workload may name. */
    MeshConfig mesh(Fields fields, List<ListenerConfig> listeners) {
        Mesh standard = Mesh.STANDARD;
        Map<String, KeyFiles> files = new HashMap<>();
        List<Mesh.Workload> workloads = workloads(fields, listeners, files);
        Mesh mesh = new Mesh(
                fields.has("suffixes") ? fields.all("suffixes", String.class) : standard.suffixes(),
                fields.has("cidrs") ? fields.all("cidrs", Cidr.class) : standard.cidrs(),
                fields.one("mode", Mesh.Mode.class).orElse(standard.mode()),
                fields.has("carriers") ? ways(fields) : standard.ways(),
                workloads);
        return new MeshConfig(
                mesh,
                trust(fields),
                fields.has("certificate") ? keyFiles(fields.fields("certificate")) : Optional.empty(),
                ConfigReader.file(fields, "revoked", folder::inside, problems),
                ConfigReader.file(fields.fields("seal"), "file", folder::secret, problems),
                files,
                reverse(fields),
                reverseNames(fields));
    }

    private List<List<Carrier>> ways(Fields fields) {
        List<String> words = fields.all("carriers", String.class);
        if (new HashSet<>(words).size() < words.size()) {
            problems.add(fields.at("carriers"), "carrier twice: expected each once");
        }
        return words.stream().map(CarrierWords::way).toList();
    }

    private List<Anchor> trust(Fields fields) {
        List<Anchor> trust = new ArrayList<>();
        Set<String> domains = new HashSet<>();
        for (Fields each : fields.each("trust")) {
            Optional<String> domain = each.one("domain", String.class);
            Optional<Path> bundle =
                    ConfigReader.file(each, "bundle", name -> folder.pem(name, "CERTIFICATE"), problems);
            if (domain.isPresent() && !domains.add(domain.get())) {
                problems.add(each.at("domain"), "domain " + domain.get() + ": taken: expected one bundle a domain");
            }
            if (domain.isPresent() && bundle.isPresent()) {
                trust.add(new Anchor(domain.get(), bundle.get()));
            }
        }
        return trust;
    }

    private List<Mesh.Workload> workloads(Fields fields, List<ListenerConfig> listeners, Map<String, KeyFiles> files) {
        List<Mesh.Workload> workloads = new ArrayList<>();
        for (Fields each : fields.each("workloads")) {
            String name = each.one("name", String.class).orElse("");
            if (!name.isEmpty() && files.containsKey(name)) {
                problems.add(each.at("name"), "name " + name + ": taken: expected another");
            }
            keyFiles(each).ifPresent(found -> files.put(name, found));
            workloads.add(new Mesh.Workload(name, each.all("from", Peer.Pattern.class), listenersOf(each, listeners)));
        }
        return workloads;
    }

    private List<String> listenersOf(Fields workload, List<ListenerConfig> listeners) {
        List<ListenAddress> known =
                listeners.stream().map(ListenerConfig::address).toList();
        List<ListenAddress> named = workload.all("listeners", ListenAddress.class);
        for (ListenAddress address : named) {
            if (!known.contains(address)) {
                problems.add(workload.at("listeners"), "listener " + address + ": unknown: expected one of " + known);
            }
        }
        return named.stream().map(ListenAddress::toString).toList();
    }

    private Optional<KeyFiles> keyFiles(Fields fields) {
        Optional<Path> cert = ConfigReader.file(fields, "cert", name -> folder.pem(name, "CERTIFICATE"), problems);
        Optional<Path> key = ConfigReader.file(fields, "key", folder::key, problems);
        boolean whole = cert.isPresent() && key.isPresent() == fields.has("key");
        return whole ? Optional.of(new KeyFiles(cert.get(), key)) : Optional.empty();
    }

    private static List<ReverseNames> reverseNames(Fields fields) {
        List<ReverseNames> names = new ArrayList<>();
        for (Fields each : fields.each("reverseNames")) {
            each.one("name", Glob.class)
                    .ifPresent(name -> names.add(new ReverseNames(name, each.all("from", Peer.Pattern.class))));
        }
        return names;
    }

    private static List<Reverse> reverse(Fields fields) {
        List<Reverse> reverse = new ArrayList<>();
        for (Fields each : fields.each("reverse")) {
            each.one("gateway", HostPort.class)
                    .ifPresent(gateway -> reverse.add(
                            new Reverse(gateway, each.one("identity", String.class), each.all("names", String.class))));
        }
        return reverse;
    }
}
