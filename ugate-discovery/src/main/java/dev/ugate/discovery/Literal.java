package dev.ugate.discovery;

import dev.ugate.model.Discovery;
import dev.ugate.model.Endpoint;
import dev.ugate.model.HostPort;
import dev.ugate.model.Resolution;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The end of every chain: an address that stands for itself, answered without asking anybody. */
final class Literal implements Discovery {
    @Override
    public CompletionStage<Optional<Resolution>> resolve(HostPort target) {
        return CompletableFuture.completedStage(target.literal().map(address -> {
            Endpoint endpoint = Endpoint.tcp(target, List.of(new InetSocketAddress(address, target.port())));
            return Resolution.of("literal", StaticServices.NO_TTL, List.of(endpoint));
        }));
    }
}
