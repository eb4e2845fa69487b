package dev.ugate.model.ssh;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Identity;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PrincipalsTest {
    private static final Set<String> DOMAINS = Set.of("cluster.local");

    @ParameterizedTest
    @CsvSource({
        "spiffe://cluster.local/ns/a/sa/b, spiffe://cluster.local/ns/a/sa/b",
        "web@shop.cluster.local, spiffe://cluster.local/ns/shop/sa/web",
        "web@shop.other.domain, user:web@shop.other.domain",
        "alice, user:alice",
        "alice@example.com, user:alice@example.com",
    })
    void principalsAreIdentities(String principal, String name) {
        assertThat(Principals.identity(principal, DOMAINS))
                .contains(new Identity(name, Identity.Proof.SSH_CERTIFICATE));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "spiffe://other.domain/ns/a/sa/b",
                "spiffe://cluster.local/../b",
                "spiffe://cluster.local",
                "spiffe://Cluster.local/a",
                "",
                "*",
                "a b",
                "a:b",
                "-oProxyCommand=x",
                "ä",
                "$(id)"
            })
    void whatIsNoNameIsNobody(String principal) {
        assertThat(Principals.identity(principal, DOMAINS)).isEmpty();
    }

    @Test
    void anAuthorityWithoutDomainsMakesUsersOnly() {
        assertThat(Principals.identity("spiffe://cluster.local/a", Set.of())).isEmpty();
        assertThat(Principals.identity("web@shop.cluster.local", Set.of()))
                .map(Identity::name)
                .contains("user:web@shop.cluster.local");
    }
}
