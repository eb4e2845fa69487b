package dev.ugate.config.ssh;

import dev.ugate.config.ssh.SshConfig.Shown;
import dev.ugate.config.ssh.SshConfig.UserCa;
import dev.ugate.config.yaml.Place;
import dev.ugate.config.yaml.Problems;
import dev.ugate.config.yaml.Value;
import dev.ugate.config.yaml.Value.Fields;
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
                files(fields, "knownHosts"));
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
