package dev.ugate.config.ssh;

import dev.ugate.config.ssh.SshConfig.Shown;
import dev.ugate.config.ssh.SshConfig.UserCa;
import dev.ugate.config.yaml.Place;
import dev.ugate.config.yaml.Problems;
import dev.ugate.config.yaml.Value;
import dev.ugate.config.yaml.Value.Fields;
import dev.ugate.model.Peer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Turns the checked values of the section {@code ssh} into {@link SshConfig}.
 *
 * @param file an existing file of the configuration's folder, or an absolute one; throws {@link IllegalArgumentException}
 * @param secret the same for one that only its owner may touch
 */
public record SshSection(Function<String, Path> file, Function<String, Path> secret, Problems problems) {
    public SshConfig ssh(Fields fields) {
        return new SshConfig(
                files(fields, "authorizedKeys"),
                fields.one("ownKeys", Boolean.class).orElse(!fields.has("authorizedKeys") && !fields.has("userCa")),
                userCa(fields),
                one(fields, "revokedKeys", file),
                new Shown(
                        one(fields, "hostKey", secret),
                        one(fields, "hostCertificate", file),
                        one(fields, "identity", secret)),
                files(fields, "knownHosts"),
                offers(fields),
                fields.all("keyExchange", String.class));
    }

    private SshOffers offers(Fields fields) {
        Fields sockets = fields.fields("sockets");
        boolean none = fields.all("session", String.class).contains("none");
        List<SshOffers.Command> commands = new ArrayList<>();
        for (Fields each : fields.each("session")) {
            commands.add(new SshOffers.Command(
                    each.one("from", Peer.Pattern.class).orElseGet(() -> Peer.Pattern.parse("*")),
                    line(each, "command"),
                    line(each, "sftp")));
        }
        if (none && fields.values("session").size() > 1) {
            problems.add(fields.at("session"), "session: none beside others: expected it alone");
        }
        return new SshOffers(
                sockets(sockets, "open"), sockets(sockets, "listen"), fields.has("session") && !none, commands);
    }

    private static List<SshOffers.Sockets> sockets(Fields fields, String key) {
        List<SshOffers.Sockets> all = new ArrayList<>();
        for (Value value : fields.values(key)) {
            if (value instanceof Value.Scalar brief) {
                all.add(new SshOffers.Sockets((PathPattern) brief.value(), SshOffers.Sockets.UNNAMED));
            } else if (value instanceof Fields full) {
                full.one("path", PathPattern.class)
                        .ifPresent(path -> all.add(new SshOffers.Sockets(
                                path, full.one("name", String.class).orElse(SshOffers.Sockets.UNNAMED))));
            }
        }
        return all;
    }

    private List<String> line(Fields fields, String key) {
        List<String> line = fields.all(key, String.class);
        if (!line.isEmpty() && !line.get(0).startsWith("/")) {
            problems.add(fields.at(key), "program '" + line.get(0) + "': expected an absolute path");
        }
        return line;
    }

    private List<Path> files(Fields fields, String key) {
        List<Path> files = new ArrayList<>();
        for (String name : fields.all(key, String.class)) {
            checked(name, file, fields.at(key)).ifPresent(files::add);
        }
        return files;
    }

    private Optional<Path> one(Fields fields, String key, Function<String, Path> check) {
        return fields.one(key, String.class).flatMap(name -> checked(name, check, fields.at(key)));
    }

    private Optional<Path> checked(String name, Function<String, Path> check, Place place) {
        try {
            return Optional.of(check.apply(name));
        } catch (IllegalArgumentException e) {
            problems.add(place, String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private List<UserCa> userCa(Fields fields) {
        List<UserCa> all = new ArrayList<>();
        for (Value value : fields.values("userCa")) {
            if (value instanceof Value.Scalar brief) {
                checked((String) brief.value(), file, brief.place())
                        .ifPresent(name -> all.add(new UserCa(name, new HashSet<>())));
            } else if (value instanceof Fields full) {
                one(full, "file", file)
                        .ifPresent(name -> all.add(new UserCa(name, new HashSet<>(full.all("domains", String.class)))));
            }
        }
        return all;
    }
}
