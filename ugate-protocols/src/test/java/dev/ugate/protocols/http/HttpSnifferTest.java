package dev.ugate.protocols.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.spi.Verdict;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** First bytes that are HTTP/1, and those that only look like it. */
final class HttpSnifferTest {
    private static Verdict peek(String text) {
        return new HttpSniffer().peek(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET ",
                "\r\nPOST /",
                "\r\n\r\nCONNECT a:1 ",
                "OPTIONS rtsp://",
                "PROPFIND / HTTP/1.1\r\n",
                "PURGE /x HTTP/1.1\r\n",
                "M-SEARCH * HTTP/1.0\r\n",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
            })
    void matches(String text) {
        assertThat(peek(text)).isEqualTo(Verdict.MATCH);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\r", "\r\n", "\r\n\r\n", "G", "CONNECT", "PRI * HTTP", "PURGE /x", "PROXY TCP4 1.2.3.4"})
    void waits(String text) {
        assertThat(peek(text)).isEqualTo(Verdict.MORE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PRI * HTTP/2.0\r\n\r\nXM\r\n\r\n", "CONNECT\n", "CONNECT\r\n", "STOMP\n", "SSH-2.0-x y\r\n",
                        "get / HTTP/1.1\r\n", " GET /",
                "\r\n\r\n\r\nGET /", "\r\rGET ", "\r\n\r\n\0\r\nQUIT\n", "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n",
                        "NICK x\r\n", "\u0016\u0003\u0001", "\u0005\u0001\u0000",
                "INVITE sip:a@b SIP/2.0\r\n", "AMQP\0", "EHLO a.b\r\n", "ABCDEFGHIJKLMNOPQRSTUVWXYZ "
            })
    void mismatches(String text) {
        assertThat(peek(text)).isEqualTo(Verdict.MISMATCH);
    }

    @org.junit.jupiter.api.Test
    void doesNotWaitForAnEndlessLine() {
        assertThat(peek("PURGE /" + "a".repeat(9000))).isEqualTo(Verdict.MISMATCH);
    }
}
