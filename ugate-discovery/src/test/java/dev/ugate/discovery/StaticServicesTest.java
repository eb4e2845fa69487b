package dev.ugate.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.config.DiscoveryConfig;
import dev.ugate.model.Balance;
import dev.ugate.model.Carrier;
import dev.ugate.model.Endpoint;
import dev.ugate.model.HostPort;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Resolution;
import dev.ugate.model.Route;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class StaticServicesTest {
    private final FakeSource rest = new FakeSource();

    private Optional<Resolution> find(String target, DiscoveryConfig.Service... services) throws Exception {
        return new StaticServices(List.of(services), rest)
                .resolve(HostPort.parse(target))
                .toCompletableFuture()
                .get(5, TimeUnit.SECONDS);
    }

    private Resolution resolve(String target, DiscoveryConfig.Service... services) throws Exception {
        return find(target, services).orElseThrow();
    }

    @Test
    void answersFromTheSameObjectWhereNobodyElseHasASay() {
        rest.knows("late.test", 60, "10.0.0.1");
        StaticServices services = new StaticServices(
                List.of(Written.service("fixed", "10.0.0.9:1"), Written.service("mixed", "10.0.0.9:1", "late.test:1")),
                rest);
        HostPort fixed = HostPort.parse("fixed:1");
        assertThat(services.resolve(fixed)).isSameAs(services.resolve(fixed));
        HostPort mixed = HostPort.parse("mixed:1");
        assertThat(services.resolve(mixed)).isNotSameAs(services.resolve(mixed));
        assertThat(rest.asked).hasSize(2);
    }

    @Test
    void aLiteralAnswersWithTheSameObjectAndOthersWithNone() {
        Literal literal = new Literal();
        HostPort address = HostPort.parse("10.0.0.9:1");
        assertThat(literal.resolve(address)).isSameAs(literal.resolve(HostPort.parse("10.0.0.9:1")));
        assertThat(literal.resolve(address)).isNotSameAs(literal.resolve(HostPort.parse("10.0.0.9:2")));
        assertThat(literal.resolve(HostPort.parse("name.test:1")).toCompletableFuture())
                .isCompletedWithValue(Optional.empty());
    }

    @Test
    void givesEndpointsWithAllThatWasWritten() throws Exception {
        Carrier hbone = Carrier.of("hbone");
        Route.Destination heavy =
                new Route.Destination(Optional.of("10.0.0.9:5432"), 3, List.of(hbone), Optional.empty());
        DiscoveryConfig.Service service = new DiscoveryConfig.Service(
                "db.m",
                List.of(heavy, Written.place("10.0.0.8", 1)),
                Optional.of("spiffe://cluster.local/ns/db/sa/db"),
                Optional.of(Balance.LEAST_CONNECTIONS));
        Resolution found = resolve("db.m:5433", service);
        assertThat(found.source()).isEqualTo("config");
        assertThat(found.ttl()).isZero();
        assertThat(found.balance()).contains(Balance.LEAST_CONNECTIONS);
        assertThat(found.stages())
                .containsExactly(List.of(
                        endpoint("10.0.0.9", 5432, hbone, 3)
                                .withHost(HostPort.parse("db.m:5433"))
                                .withOwnPort(),
                        endpoint("10.0.0.8", 5433, Carrier.TCP, 1)));
    }

    private static Endpoint endpoint(String address, int port, Carrier via, int weight) {
        return new Endpoint(
                new HostPort(address, port),
                List.of(new InetSocketAddress(address, port)),
                List.of(via),
                Optional.of("spiffe://cluster.local/ns/db/sa/db"),
                weight,
                true);
    }

    @Test
    void knowsUnixSockets() throws Exception {
        Endpoint endpoint = resolve("app.m:80", Written.service("app.m", "unix:/run/app.sock"))
                .stages()
                .get(0)
                .get(0);
        assertThat(endpoint.addresses()).isEqualTo(List.of(UnixDomainSocketAddress.of("/run/app.sock")));
        assertThat(endpoint.host()).hasToString("app.m:80");
        assertThat(endpoint.trusted()).isTrue();
    }

    @Test
    void prefersTheExactNameThenTheLongestPattern() throws Exception {
        DiscoveryConfig.Service[] services = {
            Written.service("*", "10.0.0.1:1"),
            Written.service("*.m", "10.0.0.2:1"),
            Written.service("*.db.m", "10.0.0.3:1"),
            Written.service("a.db.m", "10.0.0.4:1"),
        };
        assertThat(first("a.db.m:9", services)).isEqualTo("10.0.0.4");
        assertThat(first("b.db.m:9", services)).isEqualTo("10.0.0.3");
        assertThat(first("db.m:9", services)).isEqualTo("10.0.0.2");
        assertThat(first("x.y:9", services)).isEqualTo("10.0.0.1");
        assertThat(first("10.9.9.9:9", services)).isEqualTo("10.0.0.1");
    }

    private String first(String target, DiscoveryConfig.Service... services) throws Exception {
        Endpoint endpoint = resolve(target, services).stages().get(0).get(0);
        return ((InetSocketAddress) endpoint.addresses().get(0)).getAddress().getHostAddress();
    }

    @Test
    void knowsNothingOfOtherNames() throws Exception {
        assertThat(find("web.m:80", Written.service("db.m", "10.0.0.1:1"))).isEmpty();
        assertThat(rest.asked).isEmpty();
    }

    @Test
    void asksTheRestForNamesEachTime() throws Exception {
        rest.knows("a.test", 60, "10.0.0.1").knows("b.test", 20, "10.0.0.2", "fd00::2");
        DiscoveryConfig.Service service = new DiscoveryConfig.Service(
                "db.m",
                List.of(Written.place("a.test", 2), Written.place("b.test:1", 65_535)),
                Optional.empty(),
                Optional.empty());
        StaticServices services = new StaticServices(List.of(service), rest);
        Resolution found = services.resolve(HostPort.parse("db.m:5432"))
                .toCompletableFuture()
                .get()
                .orElseThrow();
        assertThat(found.ttl()).isEqualTo(Duration.ofSeconds(20));
        assertThat(found.stages().get(0)).extracting(Endpoint::weight).containsExactly(2, 65_535);
        assertThat(found.stages().get(0)).extracting(Endpoint::trusted).containsOnly(false);
        assertThat(found.stages().get(0).get(1).addresses()).hasSize(2);
        assertThat(rest.asked).containsExactly(HostPort.parse("a.test:5432"), HostPort.parse("b.test:1"));
        services.resolve(HostPort.parse("db.m:5432"));
        assertThat(rest.asked).hasSize(4);
    }

    @Test
    void trustsLocalhostWrittenByTheOperator() throws Exception {
        rest.knows("localhost", 0, "127.0.0.1");
        assertThat(resolve("app.m:80", Written.service("app.m", "localhost:8080"))
                        .stages()
                        .get(0)
                        .get(0)
                        .trusted())
                .isTrue();
    }

    @Test
    void doesWithTheEndpointsThatCanBeFound() throws Exception {
        rest.says("gone.test", failure("no such luck"));
        Resolution found = resolve("db.m:1", Written.service("db.m", "gone.test", "10.0.0.1", "missing.test"));
        assertThat(found.stages().get(0)).hasSize(1);
    }

    @Test
    void failsWithTheFirstProblemWhenNoEndpointIsLeft() {
        rest.says("gone.test", failure("dns: no such luck"));
        DiscoveryConfig.Service service = Written.service("db.m", "gone.test", "missing.test");
        assertThatThrownBy(() -> resolve("db.m:1", service))
                .cause()
                .isInstanceOf(Refused.class)
                .hasMessage("endpoint gone.test: dns: no such luck");
        assertThatThrownBy(() -> resolve("db.m:1", Written.service("db.m", "missing.test")))
                .cause()
                .hasMessage("endpoint missing.test: no endpoint");
    }

    @Test
    void passesABugThroughAsItIs() {
        rest.says("gone.test", CompletableFuture.failedFuture(new IllegalStateException("bug")));
        assertThatThrownBy(() -> resolve("db.m:1", Written.service("db.m", "gone.test")))
                .cause()
                .isInstanceOf(IllegalStateException.class);
    }

    private static CompletableFuture<Optional<Resolution>> failure(String text) {
        return CompletableFuture.failedFuture(Refused.because(Refusal.UNRESOLVED, text));
    }

    @Test
    void refusesServicesThatContradictEachOther() {
        DiscoveryConfig.Service service = Written.service("db.m", "10.0.0.1");
        assertThatThrownBy(() -> new StaticServices(List.of(service, service), rest))
                .hasMessage("service db.m: defined twice: expected one service a name");
        DiscoveryConfig.Service empty = Written.service("db.m");
        assertThatThrownBy(() -> new StaticServices(List.of(empty), rest))
                .hasMessage("service db.m: no endpoint: expected at least one");
    }

    @Test
    void refusesEndpointsThatAreNone() {
        assertRefused("unix:run", "endpoint unix:run: expected unix:/path");
        assertRefused("unix:/", "endpoint unix:/: expected unix:/path");
        assertRefused("a b:1", "host 'a b': expected letters, digits, '-', '_' and '.'");
    }

    private void assertRefused(String endpoint, String text) {
        List<DiscoveryConfig.Service> services = List.of(Written.service("db.m", endpoint));
        assertThatThrownBy(() -> new StaticServices(services, rest)).hasMessage(text);
    }

    @Test
    void letsTheTargetStandForItself() throws Exception {
        rest.knows("db.m", 60, "10.0.0.1");
        Carrier tls = Carrier.of("tls");
        Route.Destination itself =
                new Route.Destination(Optional.empty(), 1, List.of(tls, Carrier.TCP), Optional.empty());
        Resolution found = resolve(
                "db.m:5432", new DiscoveryConfig.Service("*.m", List.of(itself), Optional.empty(), Optional.empty()));
        assertThat(found.stages().get(0).get(0).via()).containsExactly(tls, Carrier.TCP);
        assertThat(rest.asked).containsExactly(HostPort.parse("db.m:5432"));
    }
}
