package dev.ugate.app.mesh;

import dev.ugate.app.log.JsonText;
import dev.ugate.config.mesh.MeshConfig;
import dev.ugate.identity.Credential;
import dev.ugate.identity.Csr;
import dev.ugate.identity.KeyStore;
import dev.ugate.identity.NodeKey;
import dev.ugate.model.Ip;
import dev.ugate.model.ssh.SshFp;
import dev.ugate.model.ssh.SshKey;
import java.io.IOException;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a node tells of itself to those who configure others: nothing of it is secret. */
public record Passport(Map<String, String> lines, String csr) {
    /** Reads what a configuration names; throws {@link IOException} that names the file. Blocks. */
    public static Passport of(MeshConfig config, KeyStore keys, SshKey host, Instant now) throws IOException {
        NodeKey key = keys.key();
        return of(config, key, host, Showing.read(config, key, now).own().orElseThrow());
    }

    static Passport of(MeshConfig config, NodeKey key, SshKey host, Credential own) {
        Map<String, String> lines = new LinkedHashMap<>();
        lines.put("id", key.id().text());
        lines.put("name", key.name(Showing.suffix(config)));
        lines.put("address", Ip.text(key.vip()));
        lines.put("public_key", Base64.getEncoder().encodeToString(key.marshalled()));
        lines.put("identity", own.identity().name());
        lines.put("until", own.notAfter().toString());
        lines.put("ssh_key", host.text());
        lines.put("fingerprint", host.fingerprint());
        lines.put("known_hosts", key.name(Showing.suffix(config)) + " " + host.text());
        SshFp.of(host).ifPresent(record -> lines.put("sshfp", record.text(key.name(Showing.suffix(config)))));
        return new Passport(lines, Csr.text(key));
    }

    /** A line each. */
    public String text() {
        StringBuilder out = new StringBuilder();
        lines.forEach((name, value) -> out.append(String.format("%-12s%s%n", name.replace('_', ' '), value)));
        return out.toString();
    }

    public String json() {
        StringBuilder out = new StringBuilder();
        JsonText json = new JsonText(out).begin();
        lines.forEach(json::field);
        json.end();
        return out.append('\n').toString();
    }
}
