package dev.ugate.discovery;

import dev.ugate.config.DiscoveryConfig;
import dev.ugate.model.Discovery;
import dev.ugate.model.Endpoint;
import dev.ugate.model.HostPort;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Resolution;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The source {@code config}: services written by the operator. An exact name wins over a pattern, a longer pattern over a shorter
 * one. Endpoints that are names are asked of the rest of the chain at each resolution.
 */
public final class StaticServices implements Discovery {
    /** The TTL of what cannot expire: there is nothing to keep, so ask again next time. */
    static final Duration NO_TTL = Duration.ZERO;

    private static final int MAX_WEIGHT = 65_535;
    private static final CompletionStage<Optional<Resolution>> UNKNOWN =
            CompletableFuture.completedFuture(Optional.empty());

    private final Map<String, Service> exact = new HashMap<>();
    private final List<Service> patterns = new ArrayList<>();
    private final Discovery rest;
    private final Kept kept = new Kept();

    /** Throws {@link IllegalArgumentException} when two services have the same name, or one has no endpoint. */
    public StaticServices(List<DiscoveryConfig.Service> services, Discovery rest) {
        this.rest = rest;
        Set<String> seen = new HashSet<>();
        for (DiscoveryConfig.Service written : services) {
            Service service = Service.of(written);
            String name = service.name().pattern();
            if (!seen.add(name)) {
                throw new IllegalArgumentException("service " + name + ": defined twice: expected one service a name");
            }
            if (service.name().exact()) {
                exact.put(name, service);
            } else {
                patterns.add(service);
            }
        }
        patterns.sort(Comparator.comparingInt(
                        (Service service) -> service.name().pattern().length())
                .reversed());
    }

    @Override
    public CompletionStage<Optional<Resolution>> resolve(HostPort target) {
        Service service = service(target.host());
        if (service == null) {
            return UNKNOWN;
        }
        CompletionStage<Optional<Resolution>> before = kept.find(target);
        if (before != null) {
            return before;
        }
        CompletionStage<Optional<Resolution>> answer = endpoints(service, target);
        return isFixed(service, target) ? kept.keep(target, answer) : answer;
    }

    /** Whether no other source has a say in it. */
    private static boolean isFixed(Service service, HostPort target) {
        for (Service.Place place : service.places()) {
            if (place.unix().isEmpty() && place.at(target).literal().isEmpty()) {
                return false;
            }
        }
        return true;
    }

    private @Nullable Service service(String host) {
        Service named = exact.get(host);
        if (named != null) {
            return named;
        }
        for (Service service : patterns) {
            if (service.name().matches(host)) {
                return service;
            }
        }
        return null;
    }

    private CompletionStage<Optional<Resolution>> endpoints(Service service, HostPort target) {
        List<CompletableFuture<Part>> parts = new ArrayList<>(service.places().size());
        for (Service.Place place : service.places()) {
            parts.add(part(service, place, target));
        }
        return CompletableFuture.allOf(parts.toArray(CompletableFuture<?>[]::new))
                .thenApply(all -> Optional.of(joined(
                        service, parts.stream().map(CompletableFuture::join).toList())));
    }

    private CompletableFuture<Part> part(Service service, Service.Place place, HostPort target) {
        if (place.unix().isPresent()) {
            return CompletableFuture.completedFuture(
                    fixed(service, place, target, place.unix().get(), target));
        }
        HostPort at = place.at(target);
        Optional<InetAddress> literal = at.literal();
        if (literal.isPresent()) {
            SocketAddress address = new InetSocketAddress(literal.get(), at.port());
            return CompletableFuture.completedFuture(fixed(service, place, at, address, target));
        }
        return rest.resolve(at)
                .handle((found, cause) -> cause == null ? late(service, place, target, found) : failed(at, cause))
                .toCompletableFuture();
    }

    /** An address that the operator wrote down. */
    private static Part fixed(
            Service service, Service.Place place, HostPort host, SocketAddress address, HostPort target) {
        Endpoint endpoint = new Endpoint(host, List.of(address), place.via(), service.identity(), place.weight(), true)
                .asking(target);
        return new Part(List.of(place.says(endpoint)), NO_TTL, Optional.empty());
    }

    private static Part late(Service service, Service.Place place, HostPort target, Optional<Resolution> found) {
        List<Endpoint> endpoints = found.stream()
                .flatMap(resolution -> resolution.stages().stream().limit(1))
                .flatMap(List::stream)
                .map(endpoint -> demanding(service, place, endpoint).asking(target))
                .toList();
        Refused none = Refused.because(
                Refusal.UNRESOLVED, "endpoint " + place.at(target).host() + ": no endpoint");
        return new Part(endpoints, found.map(Resolution::ttl).orElse(NO_TTL), Optional.of(none));
    }

    private static Endpoint demanding(Service service, Service.Place place, Endpoint found) {
        boolean local = place.at().filter(StaticServices::isLoopback).isPresent();
        return place.says(new Endpoint(
                found.host(),
                found.addresses(),
                place.via().isEmpty() ? found.via() : place.via(),
                service.identity().or(found::identity),
                (int) Math.min(MAX_WEIGHT, (long) place.weight() * found.weight()),
                local || found.trusted()));
    }

    private static boolean isLoopback(HostPort at) {
        return at.host().equals("localhost") || at.host().endsWith(".localhost");
    }

    private static Part failed(HostPort at, Throwable cause) {
        CompletionException inside = InOrder.inside("endpoint " + at.host(), cause);
        if (inside.getCause() instanceof Refused refused) {
            return new Part(List.of(), NO_TTL, Optional.of(refused));
        }
        throw inside;
    }

    /** Every endpoint that could be found; fails with the first problem only when there is none. */
    private static Resolution joined(Service service, List<Part> parts) {
        List<Endpoint> endpoints = new ArrayList<>();
        Duration ttl = NO_TTL;
        for (Part part : parts) {
            endpoints.addAll(part.endpoints());
            boolean sooner = ttl.isZero() || part.ttl().compareTo(ttl) < 0;
            ttl = sooner && !part.ttl().isZero() ? part.ttl() : ttl;
        }
        if (endpoints.isEmpty()) {
            throw parts.get(0).problem().orElseThrow();
        }
        return new Resolution(List.of(endpoints), "config", ttl, Resolution.Validation.NONE, service.balance());
    }

    /** What one place of a service came to; the problem tells why, should there be no endpoint. */
    private record Part(List<Endpoint> endpoints, Duration ttl, Optional<Refused> problem) {}
}
