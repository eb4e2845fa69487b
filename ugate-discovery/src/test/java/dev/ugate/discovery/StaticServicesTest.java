package dev.ugate.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.model.Balance;
import dev.ugate.model.Carrier;
import dev.ugate.model.Endpoint;
import dev.ugate.model.Glob;
import dev.ugate.model.HostPort;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Resolution;
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

    private Optional<Resolution> find(String target, Service... services) throws Exception {
        return new StaticServices(List.of(services), rest)
                .resolve(HostPort.parse(target))
                .toCompletableFuture()
                .get(5, TimeUnit.SECONDS);
    }

    private Resolution resolve(String target, Service... services) throws Exception {
        return find(target, services).orElseThrow();
    }

    private static Service.Place place(String text) {
        return Service.Place.parse(text);
    }

    @Test
    void givesEndpointsWithAllThatWasWritten() throws Exception {
        Carrier hbone = Carrier.of("hbone");
        Service service = new Service(
                new Glob("db.m"),
                List.of(Service.Place.parse("10.0.0.9:5432", 3), place("10.0.0.8")),
                List.of(hbone),
                Optional.of("spiffe://cluster.local/ns/db/sa/db"),
                Optional.of(Balance.LEAST_CONNECTIONS));
        Resolution found = resolve("db.m:5433", service);
        assertThat(found.source()).isEqualTo("config");
        assertThat(found.ttl()).isZero();
        assertThat(found.balance()).contains(Balance.LEAST_CONNECTIONS);
        assertThat(found.stages()).containsExactly(List.of(
                endpoint(new InetSocketAddress("10.0.0.9", 5432), hbone, 3),
                endpoint(new InetSocketAddress("10.0.0.8", 5433), hbone, 1)));
    }

    private static Endpoint endpoint(InetSocketAddress address, Carrier via, int weight) {
        return new Endpoint(
                HostPort.parse("db.m:5433"),
                List.of(address),
                List.of(via),
                Optional.of("spiffe://cluster.local/ns/db/sa/db"),
                weight,
                true);
    }

    @Test
    void knowsUnixSockets() throws Exception {
        Endpoint endpoint = resolve("app.m:80", Service.of("app.m", place("unix:/run/app.sock"))).stages().get(0).get(0);
        assertThat(endpoint.addresses()).isEqualTo(List.of(UnixDomainSocketAddress.of("/run/app.sock")));
        assertThat(endpoint.host()).hasToString("app.m:80");
        assertThat(endpoint.trusted()).isTrue();
    }

    @Test
    void prefersTheExactNameThenTheLongestPattern() throws Exception {
        Service[] services = {
            Service.of("*", place("10.0.0.1:1")),
            Service.of("*.m", place("10.0.0.2:1")),
            Service.of("*.db.m", place("10.0.0.3:1")),
            Service.of("a.db.m", place("10.0.0.4:1")),
        };
        assertThat(first("a.db.m:9", services)).isEqualTo("10.0.0.4");
        assertThat(first("b.db.m:9", services)).isEqualTo("10.0.0.3");
        assertThat(first("db.m:9", services)).isEqualTo("10.0.0.2");
        assertThat(first("x.y:9", services)).isEqualTo("10.0.0.1");
        assertThat(first("10.9.9.9:9", services)).isEqualTo("10.0.0.1");
    }

    private String first(String target, Service... services) throws Exception {
        Endpoint endpoint = resolve(target, services).stages().get(0).get(0);
        return ((InetSocketAddress) endpoint.addresses().get(0)).getAddress().getHostAddress();
    }

    @Test
    void knowsNothingOfOtherNames() throws Exception {
        assertThat(find("web.m:80", Service.of("db.m", place("10.0.0.1:1")))).isEmpty();
        assertThat(rest.asked).isEmpty();
    }

    @Test
    void asksTheRestForNamesEachTime() throws Exception {
        rest.knows("a.test", 60, "10.0.0.1").knows("b.test", 20, "10.0.0.2", "fd00::2");
        StaticServices services = new StaticServices(
                List.of(Service.of("db.m", Service.Place.parse("a.test", 2), Service.Place.parse("b.test:1", 65_535))), rest);
        Resolution found = services.resolve(HostPort.parse("db.m:5432")).toCompletableFuture().get().orElseThrow();
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
        assertThat(resolve("app.m:80", Service.of("app.m", place("localhost:8080"))).stages().get(0).get(0).trusted())
                .isTrue();
    }

    @Test
    void doesWithTheEndpointsThatCanBeFound() throws Exception {
        rest.says("gone.test", failure("no such luck"));
        Resolution found = resolve("db.m:1", Service.of("db.m", place("gone.test"), place("10.0.0.1"), place("missing.test")));
        assertThat(found.stages().get(0)).hasSize(1);
    }

    @Test
    void failsWithTheFirstProblemWhenNoEndpointIsLeft() {
        rest.says("gone.test", failure("dns: no such luck"));
        Service service = Service.of("db.m", place("gone.test"), place("missing.test"));
        assertThatThrownBy(() -> resolve("db.m:1", service))
                .cause()
                .isInstanceOf(Refused.class)
                .hasMessage("endpoint gone.test: dns: no such luck");
        assertThatThrownBy(() -> resolve("db.m:1", Service.of("db.m", place("missing.test"))))
                .cause()
                .hasMessage("endpoint missing.test: no endpoint");
    }

    @Test
    void passesABugThroughAsItIs() {
        rest.says("gone.test", CompletableFuture.failedFuture(new IllegalStateException("bug")));
        assertThatThrownBy(() -> resolve("db.m:1", Service.of("db.m", place("gone.test"))))
                .cause()
                .isInstanceOf(IllegalStateException.class);
    }

    private static CompletableFuture<Optional<Resolution>> failure(String text) {
        return CompletableFuture.failedFuture(Refused.because(Refusal.UNRESOLVED, text));
    }

    @Test
    void refusesServicesThatContradictEachOther() {
        Service service = Service.of("db.m", place("10.0.0.1"));
        assertThatThrownBy(() -> new StaticServices(List.of(service, service), rest))
                .hasMessage("service db.m: defined twice: expected one service a name");
        assertThatThrownBy(() -> Service.of("db.m")).hasMessage("service db.m: no endpoint: expected at least one");
    }

    @Test
    void refusesPlacesThatAreNone() {
        assertThatThrownBy(() -> Service.Place.parse("10.0.0.1:1", -1)).hasMessage("weight -1: expected 0 to 65535");
        assertThatThrownBy(() -> Service.Place.parse("10.0.0.1:1", 65_536)).hasMessage("weight 65536: expected 0 to 65535");
        assertThatThrownBy(() -> place("unix:run")).hasMessage("endpoint unix:run: expected unix:/path");
        assertThatThrownBy(() -> place("unix:/")).hasMessage("endpoint unix:/: expected unix:/path");
        assertThatThrownBy(() -> place("a b:1")).isInstanceOf(Refused.class);
    }
}
