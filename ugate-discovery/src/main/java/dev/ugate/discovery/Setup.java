package dev.ugate.discovery;

import dev.ugate.config.DiscoveryConfig;
import dev.ugate.model.Discovery;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;

/**
 * What the sources are made from.
 *
 * @param services of {@code discovery.config}
 * @param dns the resolver of the process, kept over reloads so that its cache outlives them
 * @param timeout of one resolution, {@code timeouts.resolve} (L70)
 * @param timer measures the timeout, an event loop
 */
public record Setup(
        List<DiscoveryConfig.Service> services, Discovery dns, Duration timeout, ScheduledExecutorService timer) {
    public Setup {
        services = List.copyOf(services);
    }
}
