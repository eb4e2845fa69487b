package dev.ugate.net.reverse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ugate.model.Discovery;
import dev.ugate.model.Endpoint;
import dev.ugate.model.HostPort;
import dev.ugate.model.Identity;
import dev.ugate.model.Intent;
import dev.ugate.model.Peer;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Shape;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Registry;
import dev.ugate.spi.Transport;
import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class ReverseTest {
    private static final Identity ANN = new Identity("key:ANN", Identity.Proof.KEY);
    private static final Identity BEN = new Identity("key:BEN", Identity.Proof.KEY);
    private static final InetSocketAddress HERE = new InetSocketAddress("127.0.0.1", 1);

    private final Reverse.Terms terms = new Reverse.Terms() {
        @Override
        public boolean allows(String name, Identity owner) {
            return !name.startsWith("nobodys");
        }

        @Override
        public boolean reserves(String name) {
            return name.endsWith(".edge.m");
        }

        @Override
        public int mostNames() {
            return 2;
        }

        @Override
        public int mostTunnels() {
            return 2;
        }
    };
    private final Reverse reverse = new Reverse(() -> terms);
    private final List<Dial> dialled = new ArrayList<>();
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final Transport transport = (dial, loop) -> {
        dialled.add(dial);
        return loop.newSucceededFuture(channel);
    };

    private static Refused refused(Runnable action) {
        return catchThrowableOfType(Refused.class, action::run);
    }

    private Optional<Endpoint> find(String name) {
        return reverse.resolve(new HostPort(name, 80))
                .toCompletableFuture()
                .join()
                .map(found -> found.stages().get(0).get(0));
    }

    private Future<Channel> dial(Endpoint endpoint, Shape shape) {
        Intent intent = new Intent("tcp", Peer.of(HERE, HERE), endpoint.host(), shape, Map.of());
        return reverse.dial(new Dial(intent, endpoint, System.nanoTime()), channel.eventLoop());
    }

    @Test
    void aRegisteredNameIsFoundAndDialledByTheWordThatProves() {
        Registry.Registration registration = reverse.register("a.m", ANN, transport);
        Endpoint endpoint = find("a.m").orElseThrow();

        assertThat(endpoint.identity()).contains("key:ANN");
        assertThat(endpoint.via()).singleElement().satisfies(carrier -> {
            assertThat(carrier.name()).isEqualTo("reverse");
            assertThat(carrier.proves()).isTrue();
        });
        assertThat(dial(endpoint, Shape.BYTES).getNow()).isSameAs(channel);
        assertThat(dialled).hasSize(1);

        registration.close();
        assertThat(find("a.m")).isEmpty();
        assertThat(dial(endpoint, Shape.BYTES).cause()).hasMessage("reverse a.m: went away");
        assertThat(dialled).hasSize(1);
    }

    /** Between the answer and the dial the name may have gone to somebody else. */
    @Test
    void nobodyButTheOwnerThatWasFoundIsDialled() {
        Registry.Registration registration = reverse.register("a.m", ANN, transport);
        Endpoint endpoint = find("a.m").orElseThrow();
        registration.close();
        reverse.register("a.m", BEN, transport);

        Refused why = (Refused) dial(endpoint, Shape.BYTES).cause();
        assertThat(why.reason()).isEqualTo(Refusal.UPSTREAM_IDENTITY);
        assertThat(dialled).isEmpty();
    }

    @Test
    void datagramsHaveNoWay() {
        reverse.register("a.m", ANN, transport);
        assertThat(((Refused) dial(find("a.m").orElseThrow(), Shape.DATAGRAMS).cause()).reason())
                .isEqualTo(Refusal.NO_ROUTE);
    }

    /** T115. */
    @Test
    void anotherIdentityCannotTakeANameAndIsCounted() {
        reverse.register("a.m", ANN, transport);
        assertThat(refused(() -> reverse.register("a.m", BEN, transport)).text())
                .contains("owned by another");
        assertThat(refused(() -> reverse.register("nobodys.m", ANN, transport)).text())
                .contains("not allowed");
        assertThat(reverse.refused()).isEqualTo(2);
        assertThat(find("a.m").orElseThrow().identity()).contains("key:ANN");
    }

    @Test
    void theSameIdentityReplacesAndTheReplacedOneTakesNothingAway() {
        Registry.Registration first = reverse.register("a.m", ANN, transport);
        List<Dial> second = new ArrayList<>();
        reverse.register("a.m", ANN, (dial, loop) -> {
            second.add(dial);
            return loop.newSucceededFuture(channel);
        });
        first.close();
        dial(find("a.m").orElseThrow(), Shape.BYTES);
        assertThat(second).hasSize(1);
        assertThat(dialled).isEmpty();
    }

    private Reverse.Tunnel open(List<String> names) {
        return reverse.open(ANN, names, () -> {});
    }

    @Test
    void namesAndTunnelsOfOneIdentityAreBounded() {
        Reverse.Tunnel one = open(List.of("a.m", "b.m"));
        one.serve(transport);
        assertThat(refused(() -> reverse.register("c.m", ANN, transport)).reason())
                .isEqualTo(Refusal.OVERLOADED);
        assertThat(refused(() -> open(List.of("a.m", "c.m"))).reason()).isEqualTo(Refusal.OVERLOADED);
        Reverse.Tunnel two = open(List.of("b.m"));
        assertThat(refused(() -> open(List.of("b.m"))).text()).contains("limit reverseTunnels");
        assertThat(reverse.open()).isEqualTo(2);

        two.close();
        two.close();
        assertThat(reverse.open()).isEqualTo(1);
        assertThat(reverse.rows()).extracting(Reverse.Row::name).containsExactly("a.m", "b.m");
        one.close();
        assertThat(reverse.owned()).isZero();
        assertThat(reverse.open()).isZero();
    }

    @Test
    void aTunnelThatDoesNotLiveTakesNothingFromOneThatDoes() {
        open(List.of("a.m")).serve(transport);
        Reverse.Tunnel dead = open(List.of("a.m"));
        dead.close();
        dead.serve((dial, loop) -> loop.newFailedFuture(new IllegalStateException()));
        assertThat(dial(find("a.m").orElseThrow(), Shape.BYTES).isSuccess()).isTrue();
    }

    @Test
    void whoeverKeepsAConnectionIsLeftWhenTheProcessDrainsAndNobodyElseComes() {
        List<String> left = new ArrayList<>();
        reverse.open(ANN, List.of("a.m"), () -> left.add("gone")).close();
        reverse.open(ANN, List.of("a.m"), () -> left.add("tunnel"));
        Registry.Registration moored = reverse.moor(BEN, () -> left.add("mooring"));
        reverse.drain();
        assertThat(left).containsExactlyInAnyOrder("tunnel", "mooring");
        moored.close();
        assertThat(refused(() -> reverse.moor(BEN, () -> {})).reason()).isEqualTo(Refusal.DRAINING);
        assertThat(reverse.refused()).as("nothing that they did").isZero();
    }

    @Test
    void aReservedNameWithoutOwnerIsLookedUpNowhereElse() {
        assertThat(find("other.example")).isEmpty();
        assertThat(reverse.resolve(new HostPort("x.edge.m", 80)))
                .failsWithin(java.time.Duration.ZERO)
                .withThrowableThat()
                .withMessageContaining("nobody is connected");
    }

    @Test
    void aPlaceIsOneHostAndPortOfWhoeverCameFirst() {
        HostPort place = new HostPort("localhost", 8080);
        Registry.Registration held = reverse.bind(place, ANN, transport);
        Discovery all = reverse.before(target -> CompletableFuture.completedFuture(Optional.empty()));
        assertThat(all.resolve(place).toCompletableFuture().join()).hasValueSatisfying(found -> {
            Endpoint endpoint = found.stages().get(0).get(0);
            assertThat(endpoint.identity()).contains("key:ANN");
            assertThat(dial(endpoint, Shape.BYTES).isSuccess()).isTrue();
        });
        assertThat(all.resolve(place.withPort(8081)).toCompletableFuture().join())
                .isEmpty();
        assertThat(catchThrowableOfType(Refused.class, () -> reverse.bind(place, BEN, transport))
                        .reason())
                .isEqualTo(Refusal.DENIED);
        reverse.bind(place.withPort(1), ANN, transport);
        assertThat(catchThrowableOfType(Refused.class, () -> reverse.bind(place.withPort(2), ANN, transport))
                        .reason())
                .isEqualTo(Refusal.OVERLOADED);
        held.close();
        assertThat(all.resolve(place).toCompletableFuture().join()).isEmpty();
    }

    /** The owner went over to another connection between our look at the table and the answer of the one that it leaves. */
    @Test
    void aStreamThatALeavingConnectionDidNotTakeIsTriedAtTheOneThatTookOver() {
        Promise<Channel> old = channel.eventLoop().newPromise();
        reverse.register("a.m", ANN, (dial, loop) -> old);
        Future<Channel> way = dial(find("a.m").orElseThrow(), Shape.BYTES);
        reverse.register("a.m", ANN, transport);
        assertThat(dialled).as("while the old one may still take it").isEmpty();

        old.setFailure(Refused.untouched(Refusal.DRAINING, "leaves"));
        assertThat(way.getNow()).isSameAs(channel);
        assertThat(dialled).hasSize(1);
    }

    @Test
    void aStreamThatSomebodyMayHaveActedOnIsTriedNowhereElse() {
        Promise<Channel> old = channel.eventLoop().newPromise();
        reverse.register("a.m", ANN, (dial, loop) -> old);
        Future<Channel> way = dial(find("a.m").orElseThrow(), Shape.BYTES);
        reverse.register("a.m", ANN, transport);
        old.setFailure(Refused.because(Refusal.CONNECTION_REFUSED, "no"));
        assertThat(way.cause()).hasMessage("no");
        assertThat(dialled).isEmpty();
    }

    @Test
    void aStreamIsTriedOnceWhereNothingTookOver() {
        List<Dial> tries = new ArrayList<>();
        Registry.Registration held = reverse.register("a.m", ANN, (dial, loop) -> {
            tries.add(dial);
            return loop.newFailedFuture(Refused.untouched(Refusal.DRAINING, "leaves"));
        });
        Endpoint endpoint = find("a.m").orElseThrow();
        assertThat(dial(endpoint, Shape.BYTES).cause()).hasMessage("leaves");
        assertThat(tries).hasSize(1);

        Promise<Channel> old = channel.eventLoop().newPromise();
        held.close();
        Registry.Registration last = reverse.register("a.m", ANN, (dial, loop) -> old);
        Future<Channel> way = dial(endpoint, Shape.BYTES);
        last.close();
        reverse.register("a.m", BEN, transport);
        old.setFailure(Refused.untouched(Refusal.DRAINING, "left"));
        assertThat(way.cause()).as("and never at another owner").hasMessage("left");
        assertThat(dialled).isEmpty();
    }

    @Test
    void connectionsThatLeaveOneAfterTheOtherAreNotTriedForEver() {
        List<Dial> tries = new ArrayList<>();
        Runnable[] replace = new Runnable[1];
        replace[0] = () -> reverse.register("a.m", ANN, (dial, loop) -> {
            tries.add(dial);
            replace[0].run();
            return loop.newFailedFuture(Refused.untouched(Refusal.DRAINING, "leaves"));
        });
        replace[0].run();
        assertThat(dial(find("a.m").orElseThrow(), Shape.BYTES).cause()).hasMessage("leaves");
        assertThat(tries).hasSize(5);
    }

    @Test
    void aStreamThatIsGivenUpIsGivenUpBelow() {
        Promise<Channel> below = channel.eventLoop().newPromise();
        reverse.register("a.m", ANN, (dial, loop) -> below);
        dial(find("a.m").orElseThrow(), Shape.BYTES).cancel(false);
        assertThat(below.isCancelled()).isTrue();
    }
}
