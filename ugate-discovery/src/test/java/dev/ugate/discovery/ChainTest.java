package dev.ugate.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.config.DiscoveryConfig;
import dev.ugate.model.Discovery;
import dev.ugate.model.HostPort;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Resolution;
import dev.ugate.model.http.ProxyError;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ChainTest {
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
    private final FakeSource dns = new FakeSource();

    @AfterEach
    void close() {
        timer.shutdownNow();
    }

    private Chain chain(DiscoveryConfig.Service... services) {
        return Sources.chain(List.of("config", "dns"), new Setup(List.of(services), dns, Duration.ofMillis(80), timer));
    }

    private static CompletableFuture<Optional<Resolution>> start(Discovery chain, String target) {
        return chain.resolve(HostPort.parse(target)).toCompletableFuture();
    }

    private static Resolution resolve(Discovery chain, String target) throws Exception {
        return start(chain, target).get(5, TimeUnit.SECONDS).orElseThrow();
    }

    private static void assertUnresolved(Discovery chain, String target, String text, ProxyError... error) {
        assertThatThrownBy(() -> resolve(chain, target)).cause().isInstanceOfSatisfying(Refused.class, refused -> {
            assertThat(refused.reason()).isEqualTo(Refusal.UNRESOLVED);
            assertThat(refused.text()).isEqualTo(text);
            assertThat(refused.error().stream()).containsExactly(error);
        });
    }

    @Test
    void takesTheFirstAnswerInline() throws Exception {
        dns.knows("db.m", 60, "10.0.0.2").knows("web.m", 60, "10.0.0.3");
        Chain chain = chain(Written.service("db.m", "10.0.0.1:5432"));
        assertThat(start(chain, "db.m:5432")).isCompleted();
        assertThat(resolve(chain, "db.m:5432").source()).isEqualTo("config");
        assertThat(resolve(chain, "web.m:80").source()).isEqualTo("fake");
        assertThat(dns.asked).containsExactly(HostPort.parse("web.m:80"));
    }

    @Test
    void saysWhomItAskedWhenNobodyKnows() {
        assertUnresolved(chain(), "nope.m:80", "resolve nope.m: no source knows it (asked config, dns)");
    }

    @Test
    void answersLiteralsItselfUnlessASourceClaimsThem() throws Exception {
        Resolution literal = resolve(chain(), "[fd00::1]:80");
        assertThat(literal.source()).isEqualTo("literal");
        assertThat(literal.ttl()).isZero();
        assertThat(literal.stages().get(0)).singleElement().satisfies(endpoint -> {
            assertThat(endpoint.addresses()).isEqualTo(List.of(new InetSocketAddress("fd00::1", 80)));
            assertThat(endpoint.trusted()).isFalse();
        });
        Chain claimed = chain(Written.service("10.0.0.1", "10.0.0.2:81"));
        assertThat(resolve(claimed, "10.0.0.1:80").source()).isEqualTo("config");
    }

    @Test
    void endsTheSearchWithAFailureAndSaysWhere() {
        FakeSource later = new FakeSource().knows("db.m", 60, "6.6.6.6");
        Refused silent = Refused.because(Refusal.UNRESOLVED, "no answer within 2s (tried 10.0.0.2, 10.0.0.3)");
        dns.says("db.m", CompletableFuture.failedFuture(silent));
        InOrder order = new InOrder(List.of(new InOrder.Named("dns", dns), new InOrder.Named("later", later)));
        assertUnresolved(
                new Chain(order, Duration.ofSeconds(5), timer),
                "db.m:5432",
                "resolve db.m: dns: no answer within 2s (tried 10.0.0.2, 10.0.0.3)");
        assertThat(later.asked).isEmpty();
    }

    @Test
    void passesABugThroughAsItIs() {
        dns.says("db.m", CompletableFuture.failedFuture(new IllegalStateException("bug")));
        assertThatThrownBy(() -> resolve(chain(), "db.m:1"))
                .cause()
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("bug");
    }

    @Test
    void endsAtTheDeadlineOfTheWholeResolution() {
        dns.says("slow.m", new CompletableFuture<>());
        assertUnresolved(
                chain(),
                "slow.m:80",
                "resolve slow.m: limit resolve: no answer within 80ms (asked config, dns)",
                ProxyError.DNS_TIMEOUT);
    }

    @Test
    void forgetsTheDeadlineWhenTheAnswerCame() throws Exception {
        CompletableFuture<Optional<Resolution>> answer = new CompletableFuture<>();
        dns.says("late.m", answer);
        timer.setRemoveOnCancelPolicy(true);
        Chain patient = Sources.chain(List.of("dns"), new Setup(List.of(), dns, Duration.ofHours(1), timer));
        CompletableFuture<Optional<Resolution>> asked = start(patient, "late.m:80");
        assertThat(timer.getQueue()).hasSize(1);
        answer.complete(new FakeSource()
                .knows("x", 1, "10.0.0.1")
                .resolve(HostPort.parse("x:1"))
                .toCompletableFuture()
                .get());
        assertThat(asked).isCompleted();
        assertThat(timer.getQueue()).isEmpty();
    }

    @Test
    void replacingTheChainChangesDestinationsWithNothingElse() throws Exception {
        Chain before = chain(Written.service("db.m", "10.0.0.1:5432"));
        Chain after = chain(Written.service("db.m", "10.0.0.2:5432"));
        assertThat(resolve(before, "db.m:1").stages().get(0).get(0).addresses())
                .isEqualTo(List.of(new InetSocketAddress("10.0.0.1", 5432)));
        assertThat(resolve(after, "db.m:1").stages().get(0).get(0).addresses())
                .isEqualTo(List.of(new InetSocketAddress("10.0.0.2", 5432)));
    }

    @Test
    void namesItsSourcesInOrder() {
        assertThat(Sources.names()).containsExactly("config", "dns");
        Setup setup = new Setup(List.of(), dns, Duration.ofSeconds(1), timer);
        assertThatThrownBy(() -> Sources.chain(List.of("etcd"), setup))
                .hasMessage("source etcd: unknown: expected config, dns");
        assertThatThrownBy(() -> Sources.chain(List.of("dns", "dns"), setup))
                .hasMessage("chain [dns, dns]: expected each source once");
        assertUnresolved(Sources.chain(List.of(), setup), "db.m:1", "resolve db.m: no source knows it (asked )");
    }
}
