package dev.ugate.cli.ca;

import dev.ugate.identity.Authority;
import dev.ugate.identity.Seal;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Where an authority is kept, and what seals its key. */
final class Place {
    @Parameters(index = "0", paramLabel = "DIR", description = "the authority's own directory")
    Path directory = Path.of("");

    @Option(
            names = "--seal",
            paramLabel = "FILE",
            description = "what seals the key; default the systemd credential ugate-key, else $UGATE_SEAL_KEY")
    @Nullable
    Path seal;

    Optional<Seal> seal() throws IOException {
        return Seal.given(Optional.ofNullable(seal), System.getenv());
    }

    Authority open() throws IOException {
        return Authority.open(directory, seal(), Clock.systemUTC());
    }
}
