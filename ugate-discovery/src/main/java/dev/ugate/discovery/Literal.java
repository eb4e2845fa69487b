package dev.ugate.discovery;

import dev.ugate.model.Discovery;
import dev.ugate.model.Endpoint;
import dev.ugate.model.HostPort;
import dev.ugate.model.Resolution;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The end of every chain: an address that stands for itself, answered without asking anybody. */
final class Literal implements Discovery {
    private static final CompletionStage<Optional<Resolution>> NONE =
            CompletableFuture.completedFuture(Optional.empty());

    private final Kept kept = new Kept();

    @Override
    public CompletionStage<Optional<Resolution>> resolve(HostPort target) {
        CompletionStage<Optional<Resolution>> before = kept.find(target);
        if (before != null) {
            return before;
        }
        Optional<InetAddress> address = target.literal();
        if (address.isEmpty()) {
            return NONE;
        }
        Endpoint endpoint = Endpoint.tcp(target, List.of(new InetSocketAddress(address.get(), target.port())));
        Resolution itself = Resolution.of("literal", StaticServices.NO_TTL, List.of(endpoint));
        return kept.keep(target, CompletableFuture.completedFuture(Optional.of(itself)));
    }
}
