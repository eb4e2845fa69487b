package dev.ugate.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Cidr;
import dev.ugate.model.Glob;
import dev.ugate.model.HostPort;
import dev.ugate.model.Intent;
import dev.ugate.model.Ip;
import dev.ugate.model.Peer;
import dev.ugate.model.Route;
import dev.ugate.model.Shape;
import dev.ugate.model.http.HttpMatch;
import dev.ugate.model.http.PathMatch;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class RoutesTest {
    @Test
    void takesTheFirstRouteThatFits() {
        Routes routes = new Routes(List.of(
                route("never", hosts("other.example")),
                route("first", hosts("*.example")),
                route("second", Match.ALL)));

        assertThat(name(routes, intent("a.example:443"))).isEqualTo("first");
        assertThat(name(routes, intent("b.test:443"))).isEqualTo("second");
    }

    @Test
    void choosesNothingWhenNothingFits() {
        assertThat(new Routes(List.of(route("a", hosts("a.example")))).choose(intent("b.example:1")))
                .isEmpty();
        assertThat(new Routes(List.of()).choose(intent("b.example:1"))).isEmpty();
    }

    @Test
    void hostMatchesTheAskedNameOrLiteral() {
        assertThat(hosts("*.shop.example").test(intent("www.shop.example:443"))).isTrue();
        assertThat(hosts("*.shop.example").test(intent("shop.example:443"))).isFalse();
        assertThat(hosts("*.shop.example").test(intent("evilshop.example:443"))).isFalse();
        assertThat(hosts("127.0.0.1").test(intent("0x7f.1:443"))).isTrue();
        assertThat(hosts("a.example", "b.example").test(intent("B.Example.:443")))
                .isTrue();
    }

    @Test
    void cidrMatchesTheLiteralAndTheCapturedDestination() {
        Match match = new Match(List.of(), List.of(Cidr.parse("10.0.0.0/8")), List.of(), List.of(), List.of());

        assertThat(match.test(intent("10.1.2.3:80"))).isTrue();
        assertThat(match.test(intent("[::ffff:10.1.2.3]:80"))).isTrue();
        assertThat(match.test(intent("192.0.2.1:80"))).isFalse();
        assertThat(match.test(intent("db.internal:80"))).isFalse();
        assertThat(match.test(captured("db.internal:80", "10.1.2.3"))).isTrue();
        assertThat(match.test(captured("db.internal:80", "192.0.2.1"))).isFalse();
    }

    @Test
    void portProtocolAndSourceMustAllFit() {
        Match match = new Match(
                List.of(), List.of(), List.of(443, 8443), List.of("tls"), List.of(Peer.Pattern.parse("192.0.2.0/24")));

        assertThat(match.test(intent("a.example:8443"))).isTrue();
        assertThat(match.test(intent("a.example:80"))).isFalse();
        assertThat(match.test(Intent.bytes("socks5", intent("a.example:443").peer(), HostPort.parse("a.example:443"))))
                .isFalse();
        assertThat(match.test(Intent.bytes("tls", peer("198.51.100.1"), HostPort.parse("a.example:443"))))
                .isFalse();
    }

    @Test
    void aRouteForRequestsNeverTakesAByteStream() {
        HttpMatch http = new HttpMatch(List.of(), List.of(new PathMatch.Prefix("/")), List.of(), List.of());
        Match match = new Match(List.of(), List.of(), List.of(), List.of(), List.of(), http);
        HostPort target = HostPort.parse("a.example:80");

        assertThat(match.test(new Intent(
                        "http", peer("192.0.2.9"), target, Shape.MESSAGES, Map.of("method", "GET", "path", "/x"))))
                .isTrue();
        assertThat(match.test(Intent.bytes("connect", peer("192.0.2.9"), target)))
                .isFalse();
    }

    private static Match hosts(String... patterns) {
        return new Match(Arrays.stream(patterns).map(Glob::new).toList(), List.of(), List.of(), List.of(), List.of());
    }

    private static Route route(String name, Match match) {
        return new Route(name, match, new Route.Deny());
    }

    private static String name(Routes routes, Intent intent) {
        return routes.choose(intent).orElseThrow().name();
    }

    private static Intent intent(String target) {
        return Intent.bytes("tls", peer("192.0.2.9"), HostPort.parse(target));
    }

    private static Intent captured(String target, String original) {
        Peer peer = peer("192.0.2.9");
        InetSocketAddress before = new InetSocketAddress(Ip.parse(original).orElseThrow(), 80);
        return Intent.bytes(
                "tcp",
                new Peer(peer.remote(), peer.local(), Optional.of(before), Optional.empty()),
                HostPort.parse(target));
    }

    private static Peer peer(String address) {
        return Peer.of(
                new InetSocketAddress(Ip.parse(address).orElseThrow(), 4711),
                new InetSocketAddress(Ip.parse("192.0.2.254").orElseThrow(), 443));
    }
}
