package dev.ugate.protocols.ssh.kex;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.protocols.ssh.wire.Violation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Proposals, and what follows from two of them. */
final class ProposalTest {
    private static final String GCM = "aes128-gcm@openssh.com";
    private static final String CHACHA = "chacha20-poly1305@openssh.com";

    private static ByteBuf written(Proposal proposal) {
        ByteBuf out = Unpooled.buffer();
        proposal.write(out, Pair.RANDOM);
        return out;
    }

    private static Proposal own(boolean server, boolean first) {
        return Proposal.own(Algorithms.STANDARD, List.of(Host.ED25519), server, first);
    }

    @Test
    void comesBackAsItWas() {
        Proposal proposal = own(true, true);
        assertThat(Proposal.read(written(proposal))).isEqualTo(proposal);
    }

    @Test
    void everyCookieIsAnother() {
        assertThat(written(own(true, true)).readSlice(16))
                .isNotEqualTo(written(own(true, true)).readSlice(16));
    }

    @Test
    void markersAreInTheFirstOneOnly() {
        assertThat(own(false, true).methods()).endsWith("ext-info-c", "kex-strict-c-v00@openssh.com");
        assertThat(own(true, true).methods()).endsWith("ext-info-s", "kex-strict-s-v00@openssh.com");
        assertThat(own(true, false).methods()).isEqualTo(Algorithms.STANDARD.methods());
        assertThat(own(true, true).isStrict(true)).isTrue();
        assertThat(own(true, true).isStrict(false)).isFalse();
    }

    @Test
    void nothingIsReadBeyondItsEnd() {
        ByteBuf whole = written(own(true, true));
        for (int length = 0; length < whole.readableBytes(); length++) {
            ByteBuf part = whole.slice(0, length);
            assertThatThrownBy(() -> Proposal.read(part)).isInstanceOf(Violation.class);
        }
        assertThatThrownBy(() -> Proposal.read(written(own(true, true)).writeByte(0)))
                .isInstanceOf(Violation.class);
    }

    @Test
    void withoutStrictPeersThereIsNoChaCha() {
        assertThat(Algorithms.STANDARD.ciphers()).contains(CHACHA);
        assertThat(Algorithms.STANDARD.lenient().ciphers()).containsExactly(GCM, "aes256-gcm@openssh.com");
        assertThat(Algorithms.STANDARD.lenient().methods()).isEqualTo(Algorithms.STANDARD.methods());
    }

    @Test
    void theClientsOrderDecides() {
        Proposal client = new Proposal(
                List.of("unknown", "curve25519-sha256", "mlkem768x25519-sha256"),
                List.of("ssh-rsa", Host.ED25519),
                List.of(CHACHA, GCM),
                List.of(GCM, CHACHA),
                List.of("zlib", "none"),
                false);
        Agreed agreed = Agreed.of(client, own(true, true), client);
        assertThat(agreed.method().label()).isEqualTo("curve25519-sha256");
        assertThat(agreed.hostKey()).isEqualTo(Host.ED25519);
        assertThat(agreed.toServer().label()).isEqualTo(CHACHA);
        assertThat(agreed.toClient().label()).isEqualTo(GCM);
        assertThat(agreed.guessedWrong()).isFalse();
        assertThatThrownBy(agreed::demandCounting).isInstanceOf(Violation.class);
    }

    /** RFC 4253 §7: right if both prefer the same method and the same kind of host key. */
    @ParameterizedTest
    @CsvSource({
        "mlkem768x25519-sha256,ssh-ed25519,false",
        "curve25519-sha256,ssh-ed25519,true",
        "mlkem768x25519-sha256,ssh-rsa,true"
    })
    void guessesAreRightOrWrong(String method, String hostKey, boolean wrong) {
        Proposal client = new Proposal(
                List.of(method), List.of(hostKey, Host.ED25519), List.of(GCM), List.of(GCM), List.of("none"), true);
        assertThat(Agreed.of(client, own(true, true), client).guessedWrong()).isEqualTo(wrong);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4})
    void emptyListsHaveNothingInCommon(int which) {
        List<String> none = List.of();
        Proposal client = new Proposal(
                which == 0 ? none : List.of("curve25519-sha256"),
                which == 1 ? none : List.of(Host.ED25519),
                which == 2 ? none : List.of(GCM),
                which == 3 ? none : List.of(GCM),
                which == 4 ? none : List.of("none"),
                false);
        assertThatThrownBy(() -> Agreed.of(client, own(true, true), client))
                .isInstanceOf(Violation.class)
                .hasMessageContaining("in common");
    }
}
