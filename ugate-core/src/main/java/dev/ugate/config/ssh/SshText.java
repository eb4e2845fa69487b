package dev.ugate.config.ssh;

import dev.ugate.config.ssh.SshConfig.Shown;
import dev.ugate.config.ssh.SshConfig.UserCa;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The section {@code ssh} as the reader takes it. */
public final class SshText {
    private SshText() {}

    public static Map<String, Object> of(SshConfig config) {
        Map<String, Object> out = new LinkedHashMap<>();
        files(out, "authorizedKeys", config.authorizedKeys());
        out.put("ownKeys", config.ownKeys());
        if (!config.userCa().isEmpty()) {
            out.put("userCa", config.userCa().stream().map(SshText::userCa).toList());
        }
        file(out, "revokedKeys", config.revokedKeys());
        Shown shown = config.shown();
        file(out, "hostKey", shown.hostKey());
        file(out, "hostCertificate", shown.hostCertificate());
        file(out, "identity", shown.identity());
        files(out, "knownHosts", config.knownHosts());
        if (!config.keyExchange().isEmpty()) {
            out.put("keyExchange", config.keyExchange());
        }
        offers(out, config.offers());
        return out;
    }

    private static void offers(Map<String, Object> out, SshOffers offers) {
        Map<String, Object> sockets = new LinkedHashMap<>();
        sockets(sockets, "open", offers.open());
        sockets(sockets, "listen", offers.listen());
        if (!sockets.isEmpty()) {
            out.put("sockets", sockets);
        }
        String word = offers.forced() ? SshKeys.FORCED : "none";
        out.put(
                "session",
                offers.commands().isEmpty()
                        ? word
                        : offers.commands().stream().map(SshText::command).toList());
    }

    private static void sockets(Map<String, Object> out, String key, List<SshOffers.Sockets> all) {
        if (!all.isEmpty()) {
            out.put(
                    key,
                    all.stream()
                            .map(each -> Map.of("path", each.path().text(), "name", each.name()))
                            .toList());
        }
    }

    private static Object command(SshOffers.Command command) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("from", command.from().toString());
        out.put("command", command.line());
        if (!command.sftp().isEmpty()) {
            out.put("sftp", command.sftp());
        }
        return out;
    }

    private static Object userCa(UserCa one) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("file", one.file().toString());
        if (!one.domains().isEmpty()) {
            out.put("domains", one.domains().stream().sorted().toList());
        }
        return out;
    }

    private static void file(Map<String, Object> out, String key, Optional<Path> file) {
        file.ifPresent(name -> out.put(key, name.toString()));
    }

    private static void files(Map<String, Object> out, String key, List<Path> files) {
        if (!files.isEmpty()) {
            out.put(key, files.stream().map(Path::toString).toList());
        }
    }
}
