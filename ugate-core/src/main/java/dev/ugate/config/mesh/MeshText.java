package dev.ugate.config.mesh;

import dev.ugate.config.mesh.MeshConfig.Anchor;
import dev.ugate.config.mesh.MeshConfig.KeyFiles;
import dev.ugate.config.mesh.MeshConfig.Reverse;
import dev.ugate.model.mesh.Mesh;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The section {@code mesh} as the reader takes it. */
public final class MeshText {
    private MeshText() {}

    public static Map<String, Object> of(MeshConfig config) {
        Mesh mesh = config.mesh();
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("suffixes", mesh.suffixes());
        out.put("cidrs", texts(mesh.cidrs()));
        out.put("mode", mesh.mode().name().toLowerCase(Locale.ROOT));
        out.put("carriers", mesh.ways().stream().map(CarrierWords::word).toList());
        out.put("trust", config.trust().stream().map(MeshText::anchor).toList());
        config.certificate().ifPresent(files -> out.put("certificate", files(files)));
        config.revoked().ifPresent(file -> out.put("revoked", file.toString()));
        config.seal().ifPresent(file -> out.put("seal", Map.of("file", file.toString())));
        out.put(
                "workloads",
                mesh.workloads().stream()
                        .map(one -> workload(
                                one, Optional.ofNullable(config.workloads().get(one.name()))))
                        .toList());
        out.put("reverse", config.reverse().stream().map(MeshText::reverse).toList());
        out.put(
                "reverseNames",
                config.reverseNames().stream().map(MeshText::reverseNames).toList());
        return out;
    }

    private static Map<String, Object> reverseNames(MeshConfig.ReverseNames names) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("name", names.name().toString());
        out.put("from", texts(names.from()));
        return out;
    }

    private static Map<String, Object> anchor(Anchor anchor) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("domain", anchor.domain());
        out.put("bundle", anchor.bundle().toString());
        return out;
    }

    private static Map<String, Object> workload(Mesh.Workload workload, Optional<KeyFiles> files) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("name", workload.name());
        files.ifPresent(of -> out.putAll(files(of)));
        list(out, "from", workload.from());
        list(out, "listeners", workload.listeners());
        return out;
    }

    private static Map<String, Object> reverse(Reverse reverse) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("gateway", reverse.gateway().toString());
        reverse.identity().ifPresent(identity -> out.put("identity", identity));
        list(out, "names", reverse.names());
        return out;
    }

    private static Map<String, Object> files(KeyFiles files) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("cert", files.cert().toString());
        files.key().ifPresent(key -> out.put("key", key.toString()));
        return out;
    }

    private static void list(Map<String, Object> out, String key, List<?> values) {
        if (!values.isEmpty()) {
            out.put(key, texts(values));
        }
    }

    private static List<String> texts(List<?> values) {
        return values.stream().map(Object::toString).toList();
    }
}
