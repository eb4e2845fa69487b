package dev.ugate.protocols.ssh.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.config.ssh.SshOffers;
import dev.ugate.model.HostPort;
import dev.ugate.model.Identity;
import dev.ugate.net.reverse.Reverse;
import dev.ugate.protocols.ssh.channel.Bounds;
import dev.ugate.protocols.ssh.channel.Hops;
import dev.ugate.protocols.ssh.channel.Talk;
import dev.ugate.protocols.ssh.server.ServerConnection.Means;
import dev.ugate.testing.FakeGate;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Nodes that keep a connection open to be reached by their names. */
class NodeNamesTest {
    private static final Identity NODE = new Identity("key:NODE", Identity.Proof.KEY);

    private final Reverse reverse = new Reverse(() -> new Reverse.Terms() {
        @Override
        public boolean allows(String name, Identity owner) {
            return name.endsWith(".m");
        }

        @Override
        public boolean reserves(String name) {
            return false;
        }

        @Override
        public int mostNames() {
            return 3;
        }

        @Override
        public int mostTunnels() {
            return 2;
        }
    });

    private record Member(boolean member) implements Guest {
        @Override
        public Optional<Identity> identity() {
            return Optional.of(NODE);
        }

        @Override
        public String user() {
            return "node";
        }

        @Override
        public boolean mayOpen(HostPort target) {
            return true;
        }

        @Override
        public boolean mayListen(String host, int port) {
            return true;
        }
    }

    private Talk talk(boolean member) {
        Means means = new Means(
                new FakeGate(),
                reverse,
                Optional.empty(),
                () -> SshOffers.NOTHING,
                Optional.empty(),
                peer -> "",
                new Hops("here"));
        return new Talk(new ServerConnection(means, new Member(member)), Bounds.STANDARD, Talk.UGATE);
    }

    private static Talk names(Talk talk, String names) {
        return talk.asks(NodeNames.REQUEST, true, out -> Talk.string(out, names));
    }

    @Test
    void aNodeHasItsNamesForAsLongAsItIsThere() {
        try (Talk talk = talk(true)) {
            names(talk, "a.m,b.m");
            assertThat(talk.heard()).containsExactly("GRANTED");
            assertThat(reverse.rows()).extracting(Reverse.Row::name).containsExactly("a.m", "b.m");
            assertThat(reverse.open()).isOne();
            names(talk, "c.m");
            assertThat(reverse.rows()).extracting(Reverse.Row::name).containsExactly("c.m");
            assertThat(reverse.open()).as("the same connection").isOne();
        }
        assertThat(reverse.owned()).isZero();
        assertThat(reverse.open()).isZero();
    }

    @Test
    void oneNodeKeepsSoManyConnections() {
        try (Talk one = talk(true);
                Talk two = talk(true);
                Talk three = talk(true)) {
            assertThat(names(one, "a.m").heard()).containsExactly("GRANTED");
            assertThat(names(two, "a.m").heard()).as("a newer one replaces it").containsExactly("GRANTED");
            assertThat(names(three, "a.m").heard()).containsExactly("DENIED");
            assertThat(reverse.refused()).isOne();
        }
        assertThat(reverse.open()).isZero();
    }

    @Test
    void whatIsNotAllowedLeavesNothingBehind() {
        try (Talk talk = talk(true)) {
            assertThat(names(talk, "a.m,b.example").heard()).containsExactly("DENIED");
            assertThat(reverse.owned()).isZero();
            assertThat(reverse.open()).isZero();
        }
    }

    @Test
    void onlyMembersAreNodes() {
        try (Talk talk = talk(false)) {
            assertThat(names(talk, "a.m").heard()).containsExactly("DENIED");
            assertThat(reverse.owned()).isZero();
        }
    }

    /** Seconds, not the minute of others: whoever asks for the name would wait that long. */
    @Test
    void aNodeIsLookedAfterMoreCloselyThanOthers() {
        try (Talk talk = talk(true)) {
            names(talk, "a.m").heard();
            talk.pass(Duration.ofSeconds(2));
            talk.heard();
            talk.pass(Duration.ofSeconds(2));
            assertThat(talk.heard()).containsExactly("GLOBAL keepalive@openssh.com true");
            talk.pass(Duration.ofSeconds(2));
            assertThat(talk.ending()).hasMessageContaining("limit reversePatience: no sign of life");
            assertThat(reverse.owned()).isZero();
        }
    }
}
