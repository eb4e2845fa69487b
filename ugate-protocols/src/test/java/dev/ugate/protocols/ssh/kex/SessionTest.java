package dev.ugate.protocols.ssh.kex;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.protocols.ssh.wire.Violation;
import dev.ugate.protocols.ssh.wire.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SessionTest {
    private final Session session = new Session();

    private static ByteBuf extensions(long count, String... words) {
        ByteBuf out = Unpooled.buffer().writeInt((int) count);
        for (String word : words) {
            Wire.string(out, word);
        }
        return out;
    }

    private static Proposal first(String... more) {
        List<String> methods = new java.util.ArrayList<>(List.of("curve25519-sha256"));
        methods.addAll(List.of(more));
        return Peer.proposal(methods, List.of("aes128-gcm@openssh.com"));
    }

    @Test
    void keepsWhatThePeerToldOf() {
        session.extensions(extensions(2, "a", "1", "b", ""));
        assertThat(session.extension("a")).isEqualTo("1");
        assertThat(session.extension("b")).isEmpty();
        assertThat(session.extension("c")).isNull();
    }

    @Test
    void boundsWhatThePeerTellsOf() {
        for (ByteBuf bad : List.of(
                extensions(33, "a", "1"),
                extensions(0xffffffffL),
                extensions(1, "a"),
                extensions(1, "a", "1", "b"),
                extensions(1, "a", "x".repeat(5000)))) {
            assertThatThrownBy(() -> new Session().extensions(bad)).isInstanceOf(Violation.class);
        }
    }

    @Test
    void isStrictOnlyIfBothAre() {
        session.mark(first(Proposal.STRICT_CLIENT), first(Proposal.STRICT_SERVER));
        assertThat(session.strict()).isTrue();
        session.mark(first(), first(Proposal.STRICT_SERVER));
        assertThat(session.strict()).isFalse();
        session.mark(first(Proposal.STRICT_SERVER), first(Proposal.STRICT_SERVER));
        assertThat(session.strict()).isFalse();
    }

    @Test
    void tellsThoseThatAskOnceWithTheFirstKeys() {
        session.mark(first(Proposal.EXTENSIONS_CLIENT), first());
        assertThat(session.tells()).isTrue();
        session.identified(new byte[] {1});
        assertThat(session.tells()).isFalse();
    }

    @Test
    void isNamedByItsFirstHash() {
        assertThat(session.begun()).isFalse();
        assertThat(session.identified(new byte[] {1})).containsExactly(1);
        assertThat(session.identified(new byte[] {2})).containsExactly(1);
        assertThat(session.begun()).isTrue();
    }
}
