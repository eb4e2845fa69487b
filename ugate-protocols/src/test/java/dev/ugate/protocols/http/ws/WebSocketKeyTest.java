package dev.ugate.protocols.http.ws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.model.http.Fields;
import dev.ugate.protocols.http.wire.Rejected;
import org.junit.jupiter.api.Test;

final class WebSocketKeyTest {
    private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

    @Test
    void answersTheExampleOfTheRfc() {
        WebSocketKey key = WebSocketKey.of(Fields.of("Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", KEY));
        assertThat(key.accept()).isEqualTo("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    @Test
    void refusesKeysThatAreNotSixteenOctetsOnce() {
        String[] wrong = {"", "dGhl", "dGhlIHNhbXBsZSBub25jZTE=", "dGhlIHNhbXBsZSBub25jZQ", "!", KEY + KEY};
        for (String text : wrong) {
            assertRejected(400, Fields.of("sec-websocket-version", "13", "sec-websocket-key", text));
        }
        assertRejected(400, Fields.of("sec-websocket-version", "13"));
        assertRejected(
                400, Fields.of("sec-websocket-version", "13", "sec-websocket-key", KEY, "sec-websocket-key", KEY));
    }

    @Test
    void asksForVersionThirteen() {
        assertRejected(426, Fields.of("sec-websocket-key", KEY));
        assertRejected(426, Fields.of("sec-websocket-key", KEY, "sec-websocket-version", "8"));
        assertRejected(426, Fields.of("sec-websocket-key", KEY, "sec-websocket-version", "13, 8"));
    }

    @Test
    void isAcceptedOnlyByItsOwnAnswer() {
        WebSocketKey fresh = WebSocketKey.fresh();
        assertThat(WebSocketKey.of(Fields.of("sec-websocket-version", "13", "sec-websocket-key", fresh.text())))
                .isEqualTo(fresh);
        assertThat(fresh.isAcceptedBy(Fields.of("sec-websocket-accept", fresh.accept())))
                .isTrue();
        assertThat(fresh.isAcceptedBy(
                        Fields.of("sec-websocket-accept", WebSocketKey.fresh().accept())))
                .isFalse();
        assertThat(fresh.isAcceptedBy(Fields.NONE)).isFalse();
    }

    private static void assertRejected(int status, Fields fields) {
        assertThatThrownBy(() -> WebSocketKey.of(fields))
                .isInstanceOfSatisfying(
                        Rejected.class,
                        rejected -> assertThat(rejected.status()).isEqualTo(status));
    }
}
