package dev.ugate.cli.ca;

import dev.ugate.identity.Authority;
import dev.ugate.identity.Seal;
import dev.ugate.model.x509.SpiffeId;
import java.io.IOException;
import java.time.Clock;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Makes an authority: its key and its root certificate. */
@Command(name = "init", description = "makes an authority", mixinStandardHelpOptions = true)
final class Init implements Callable<Integer> {
    @Mixin
    Place place = new Place();

    @Option(
            names = "--domain",
            paramLabel = "NAME",
            description = "trust domain of the ids; default cluster.local",
            defaultValue = "cluster.local")
    String domain = "";

    @Spec
    @Nullable
    CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (!SpiffeId.isDomain(domain)) {
            throw new ParameterException(
                    Objects.requireNonNull(spec).commandLine(),
                    "trust domain '" + domain + "': expected lower case letters, digits, '.', '_' or '-'");
        }
        Optional<Seal> seal = place.seal();
        Authority authority = Authority.create(place.directory, domain, seal, Clock.systemUTC());
        System.out.println("authority of " + authority.domain() + " until "
                + authority.root().getNotAfter().toInstant());
        System.out.println("bundle for mesh.trust: " + place.directory.resolve("root.pem"));
        if (seal.isEmpty()) {
            System.err.println("ugate: its key is in the clear: expected a seal: --seal, the systemd credential"
                    + " ugate-key or UGATE_SEAL_KEY");
        }
        return 0;
    }
}
