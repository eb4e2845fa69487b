package dev.ugate.discovery;

import dev.ugate.model.Discovery;
import dev.ugate.model.Endpoint;
import dev.ugate.model.HostPort;
import dev.ugate.model.Ip;
import dev.ugate.model.Resolution;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A source that answers from a table and remembers what it was asked. */
final class FakeSource implements Discovery {
    final List<HostPort> asked = new ArrayList<>();
    final Map<String, CompletableFuture<Optional<Resolution>>> answers = new HashMap<>();

    FakeSource knows(String host, int ttl, String... addresses) {
        List<InetSocketAddress> ways = new ArrayList<>();
        for (String address : addresses) {
            ways.add(new InetSocketAddress(Ip.parse(address).orElseThrow(), 0));
        }
        Endpoint endpoint = Endpoint.tcp(new HostPort(host, 0), ways);
        return says(
                host,
                CompletableFuture.completedFuture(
                        Optional.of(Resolution.of("fake", Duration.ofSeconds(ttl), List.of(endpoint)))));
    }

    FakeSource says(String host, CompletableFuture<Optional<Resolution>> answer) {
        answers.put(host, answer);
        return this;
    }

    @Override
    public CompletionStage<Optional<Resolution>> resolve(HostPort target) {
        asked.add(target);
        return answers.getOrDefault(target.host(), CompletableFuture.completedFuture(Optional.empty()));
    }
}
