package dev.ugate.net.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Identity;
import dev.ugate.model.Identity.End;
import dev.ugate.net.Listener;
import dev.ugate.net.tls.LiveProofs.Cut;
import dev.ugate.net.tls.LiveProofs.Proof;
import dev.ugate.testing.Authority;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** T24: what was proven once holds until its certificate is over or revoked, and no longer. */
final class LiveProofsTest {
    private static final Authority AUTHORITY = Authority.create();
    private static final Instant START = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private static final Duration LIFE = Duration.ofMinutes(10);

    private Instant now = START;
    private final LiveProofs proofs = new LiveProofs(() -> now);
    private final List<Connection> all = new ArrayList<>();
    private final Connection first = connection("spiffe://a/web", LIFE, End.CLIENT);

    @AfterEach
    void close() {
        all.forEach(connection -> connection.channel.finishAndReleaseAll());
    }

    @Test
    void nothingHappensWhileTheCertificateIsGood() {
        sweepAfter(LIFE);
        assertThat(first.channel.isOpen()).isTrue();
        assertThat(first.draining).isFalse();
    }

    @Test
    void beginsNothingNewOnceTheCertificateIsOver() {
        sweepAfter(LIFE.plusSeconds(1));
        assertThat(first.channel.isOpen()).isTrue();
        assertThat(first.draining).isTrue();
    }

    @Test
    void endsWhenClocksCannotDifferThatMuch() {
        sweepAfter(LIFE.plusSeconds(60));
        assertThat(first.channel.isOpen()).isTrue();
        sweepAfter(LIFE.plusSeconds(61));
        assertThat(first.channel.isOpen()).isFalse();
        assertThat(proofs.ended(Cut.EXPIRED)).isEqualTo(1);
        assertThat(proofs.count(End.CLIENT)).isZero();
    }

    @Test
    void newerProofOfTheSameIdentityMovesTheEnd() {
        Connection second = connection("spiffe://a/web", LIFE.multipliedBy(2), End.CLIENT);
        sweepAfter(LIFE.plusSeconds(61));
        assertThat(first.channel.isOpen()).isTrue();
        assertThat(first.draining).isTrue();
        assertThat(second.draining).isFalse();
        sweepAfter(LIFE.multipliedBy(2).plusSeconds(61));
        assertThat(first.channel.isOpen()).isFalse();
        assertThat(second.channel.isOpen()).isFalse();
    }

    @Test
    void tellsWhoIsConnectedAndWhoIsNoMore() {
        List<String> said = new ArrayList<>();
        LiveProofs told = new LiveProofs(() -> now, proof -> {
            said.add("met " + proof.identity());
            return () -> said.add("parted " + proof.identity());
        });
        told.add(
                first.channel,
                new Proof(new Identity("spiffe://a/web", Identity.Proof.CERTIFICATE), List.of(first.leaf), End.CLIENT));
        assertThat(said).containsExactly("met spiffe://a/web");
        first.channel.close();
        assertThat(said).containsExactly("met spiffe://a/web", "parted spiffe://a/web");
    }

    @Test
    void newerProofCountsAfterItsConnectionIsGone() {
        connection("spiffe://a/web", LIFE.multipliedBy(2), End.CLIENT).channel.close();
        sweepAfter(LIFE.plusSeconds(61));
        assertThat(first.channel.isOpen()).isTrue();
    }

    @Test
    void proofOfAnotherIdentityMovesNothing() {
        Connection other = connection("spiffe://a/db", LIFE.multipliedBy(2), End.CLIENT);
        sweepAfter(LIFE.plusSeconds(61));
        assertThat(first.channel.isOpen()).isFalse();
        assertThat(other.channel.isOpen()).isTrue();
    }

    @Test
    void whatIdentityHadIsForgottenWithItsLastConnection() {
        connection("spiffe://a/web", LIFE.multipliedBy(2), End.CLIENT).channel.close();
        first.channel.close();
        Connection third = connection("spiffe://a/web", LIFE, End.CLIENT);
        sweepAfter(LIFE.plusSeconds(61));
        assertThat(third.channel.isOpen()).isFalse();
    }

    @Test
    void revocationEndsBothDirectionsAtOnce() {
        Connection dialled = connection("spiffe://a/db", LIFE, End.SERVER);
        Connection other = connection("spiffe://a/other", LIFE, End.SERVER);
        proofs.revoke(chain -> chain.get(0).equals(first.leaf) || chain.get(0).equals(dialled.leaf));
        run();
        assertThat(first.channel.isOpen()).isFalse();
        assertThat(dialled.channel.isOpen()).isFalse();
        assertThat(other.channel.isOpen()).isTrue();
        assertThat(proofs.ended(Cut.REVOKED)).isEqualTo(2);
    }

    @Test
    void newerProofDoesNotOutliveRevocation() {
        Connection second = connection("spiffe://a/web", LIFE.multipliedBy(2), End.CLIENT);
        proofs.revoke(chain -> chain.get(0).equals(first.leaf));
        run();
        assertThat(first.channel.isOpen()).isFalse();
        assertThat(second.channel.isOpen()).isTrue();
    }

    @Test
    void handshakeThatARevocationOvertookEndsToo() {
        proofs.revoke(chain -> true);
        Connection late = connection("spiffe://a/late", LIFE, End.CLIENT);
        run();
        assertThat(late.channel.isOpen()).isFalse();
    }

    @Test
    void countsByDirection() {
        Connection dialled = connection("spiffe://a/db", LIFE, End.SERVER);
        assertThat(proofs.count(End.CLIENT)).isEqualTo(1);
        assertThat(proofs.count(End.SERVER)).isEqualTo(1);
        dialled.channel.close();
        assertThat(proofs.count(End.SERVER)).isZero();
    }

    private void sweepAfter(Duration passed) {
        now = START.plus(passed);
        proofs.sweep();
        run();
    }

    private void run() {
        all.forEach(connection -> connection.channel.runPendingTasks());
    }

    private Connection connection(String identity, Duration life, End end) {
        Connection connection =
                new Connection(AUTHORITY.issue(START.plus(life), identity).getCertificate());
        all.add(connection);
        proofs.add(
                connection.channel,
                new Proof(new Identity(identity, Identity.Proof.CERTIFICATE), List.of(connection.leaf), end));
        return connection;
    }

    /** One connection that notes whether it was asked to begin nothing new. */
    private static final class Connection extends ChannelInboundHandlerAdapter {
        private final X509Certificate leaf;
        private final EmbeddedChannel channel;
        private boolean draining;

        Connection(X509Certificate leaf) {
            this.leaf = leaf;
            this.channel = new EmbeddedChannel(this);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            draining |= event == Listener.DRAINING;
        }
    }
}
