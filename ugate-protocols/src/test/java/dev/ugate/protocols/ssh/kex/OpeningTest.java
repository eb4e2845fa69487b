package dev.ugate.protocols.ssh.kex;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Refusal;
import dev.ugate.protocols.ssh.wire.Message;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a peer may do before it is authenticated (T70, T72, T73). */
final class OpeningTest {
    private final Pair pair = new Pair().begin();

    @AfterEach
    void leavesNothing() {
        pair.end();
    }

    private void isOverloaded() {
        assertThat(pair.serverLayer.closed).singleElement().satisfies(why -> {
            assertThat(why.why().reason()).isEqualTo(Refusal.OVERLOADED);
            assertThat(why).hasMessageContaining("limit sshOpening");
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {Message.IGNORE, Message.DEBUG, Message.UNIMPLEMENTED, Message.PING, 55, 199, 19})
    void messagesAreCountedWhateverTheyAre(int message) {
        for (int i = 0; i < 64; i++) {
            pair.clientLayer.say(message, new byte[4]);
        }
        pair.pump();
        isOverloaded();
    }

    @Test
    void soAreTheirBytes() {
        for (int i = 0; i < 5; i++) {
            pair.clientLayer.say(Message.USERAUTH_REQUEST, new byte[30_000]);
        }
        pair.pump();
        isOverloaded();
    }

    @Test
    void enoughIsLeftToAuthenticate() {
        for (int i = 0; i < 50; i++) {
            pair.clientLayer.say(Message.USERAUTH_REQUEST, new byte[1000]);
        }
        pair.clientLayer.say(Message.SERVICE_REQUEST, new byte[0]);
        pair.clientLayer.trust();
        for (int i = 0; i < 500; i++) {
            pair.clientLayer.say(Message.CHANNEL_DATA, new byte[1000]);
        }
        pair.pump();
        assertThat(pair.closed()).isEmpty();
        assertThat(pair.serverLayer.heard).hasSize(551);
    }

    @ParameterizedTest
    @ValueSource(ints = {80, 90, 94, 98, 127, 191})
    void nothingOfTheConnectionProtocolComesBefore(int message) {
        pair.clientLayer.say(message, new byte[4]);
        pair.pump();
        assertThat(pair.serverLayer.heard).isEmpty();
        assertThat(pair.serverLayer.closed)
                .singleElement()
                .satisfies(why -> assertThat(why).hasMessageContaining("not before authentication"));
    }
}
