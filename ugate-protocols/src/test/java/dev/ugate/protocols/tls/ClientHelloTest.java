package dev.ugate.protocols.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.model.Refused;
import dev.ugate.testing.Sample;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a hello says is read as it is written, whatever it is wrapped in. */
final class ClientHelloTest {
    private static final int LIMIT = 64 << 10;

    @Test
    void readsAHelloAsABrowserSaysIt() throws ClientHello.Illegal {
        ClientHello hello = parse("hello-post-quantum");
        assertThat(hello.sni()).contains("public.example");
        assertThat(hello.alpn()).containsExactly("h2", "http/1.1");
        assertThat(hello.versions()).containsExactly(0x0304, 0x0303);
        assertThat(hello.ech()).isTrue();
    }

    @Test
    void readsAnOldHello() throws ClientHello.Illegal {
        ClientHello hello = parse("hello-tls12");
        assertThat(hello.sni()).contains("old.example");
        assertThat(hello.versions()).containsExactly(0x0303);
        assertThat(hello.ech()).isFalse();
        assertThat(parse("bad-no-extensions").sni()).isEmpty();
    }

    @Test
    void keepsAServerNameThatIsNoHostName() throws ClientHello.Illegal {
        assertThat(parse("bad-name-nonce").sni()).contains("q83vejrwejcrze8snfz4kkvn7xi0vniqq83vejrweja=");
    }

    @Test
    void t13LengthIsRefusedBeforeItsBytesCome() {
        ByteBuf claim = Unpooled.wrappedBuffer(new byte[] {22, 3, 1, 0x40, 0, 1, 0, (byte) 0xFF, (byte) 0xF8});
        assertThatThrownBy(() -> HelloRecords.collect(claim, LIMIT))
                .isInstanceOf(Refused.class)
                .hasMessageContaining("65528 bytes");
        assertThat(claim.readerIndex()).isZero();
    }

    @Test
    void l11BytesBeyondTheLimitAreNotWaitedFor() {
        byte[] sent = Sample.of("tls", "hello-post-quantum").sent();
        ByteBuf most = Unpooled.wrappedBuffer(sent, 0, sent.length - 1);
        assertThat(HelloRecords.collect(most, sent.length)).isEmpty();
        assertThatThrownBy(() -> HelloRecords.collect(most, sent.length - 100)).isInstanceOf(Refused.class);
    }

    private static ClientHello parse(String sample) throws ClientHello.Illegal {
        Optional<byte[]> body = HelloRecords.collect(
                Unpooled.wrappedBuffer(Sample.of("tls", sample).sent()), LIMIT);
        return ClientHello.parse(body.orElseThrow());
    }
}
