package dev.ugate.protocols;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.ugate.model.Refusal;
import dev.ugate.net.tls.Certificates;
import dev.ugate.spi.Protocol;
import dev.ugate.spi.Sniffer;
import dev.ugate.spi.Verdict;
import dev.ugate.testing.Sample;
import dev.ugate.testing.Seeds;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any bytes at all, said to each way in: no sniffer changes its mind, and a handshake that comes byte by byte comes to what it does in
 * one packet, is refused at worst, and leaves no buffer behind.
 */
final class ProtocolsFuzzTest {
    private static final List<Protocol> REGISTRY = Protocols.all(Certificates.NONE);

    /** What one byte at a time is worth; the rest comes at once. */
    private static final int SLOW = 512;

    static Stream<Arguments> everything() {
        return Stream.concat(
                REGISTRY.stream().flatMap(protocol -> Seeds.samples(protocol.name())), Seeds.kept("sniffers"));
    }

    @MethodSource("everything")
    @FuzzTest
    void sniffersStandByTheirWord(byte[] bytes) {
        byte[] head = Arrays.copyOf(bytes, Math.min(bytes.length, SLOW));
        for (Protocol protocol : REGISTRY) {
            if (protocol.sniffer() == Sniffer.NEVER) {
                continue;
            }
            Verdict said = Verdict.MORE;
            for (int length = 1; length <= head.length; length++) {
                Verdict verdict = Sniffing.peek(protocol, head, length);
                if (said != Verdict.MORE) {
                    assertThat(verdict).as("%s at %d", protocol.name(), length).isEqualTo(said);
                }
                said = verdict;
            }
        }
    }

    static Stream<Arguments> proxy() {
        return Stream.concat(Seeds.samples("proxy"), Seeds.kept("proxy"));
    }

    @MethodSource
    @FuzzTest
    void proxy(byte[] bytes) {
        talk("proxy", bytes);
    }

    static Stream<Arguments> socks4() {
        return Stream.concat(Seeds.samples("socks4"), Seeds.kept("socks4"));
    }

    @MethodSource
    @FuzzTest
    void socks4(byte[] bytes) {
        talk("socks4", bytes);
    }

    static Stream<Arguments> socks5() {
        return Stream.concat(Seeds.samples("socks5"), Seeds.kept("socks5"));
    }

    @MethodSource
    @FuzzTest
    void socks5(byte[] bytes) {
        talk("socks5", bytes);
    }

    static Stream<Arguments> tls() {
        return Stream.concat(Seeds.samples("tls"), Seeds.kept("tls"));
    }

    @MethodSource
    @FuzzTest
    void tls(byte[] bytes) {
        talk("tls", bytes);
    }

    static Stream<Arguments> http() {
        return Stream.concat(Seeds.samples("http"), Seeds.kept("http"));
    }

    @MethodSource
    @FuzzTest
    void http(byte[] bytes) {
        talk("http", bytes);
    }

    static Stream<Arguments> mqtt() {
        return Stream.concat(Seeds.samples("mqtt"), Seeds.kept("mqtt"));
    }

    @MethodSource
    @FuzzTest
    void mqtt(byte[] bytes) {
        talk("mqtt", bytes);
    }

    private static void talk(String word, byte[] bytes) {
        Protocol protocol = REGISTRY.stream()
                .filter(one -> one.name().equals(word))
                .findFirst()
                .orElseThrow();
        byte[] said = Arrays.copyOf(bytes, Math.min(bytes.length, 64 << 10));
        String whole;
        try (Conversation talk = begin(protocol)) {
            talk.wire.send(said);
            whole = outcome(talk);
        }
        try (Conversation talk = begin(protocol)) {
            int slow = Math.min(said.length, SLOW);
            for (int i = 0; i < slow; i++) {
                talk.wire.send(new byte[] {said[i]});
            }
            talk.wire.send(Arrays.copyOfRange(said, slow, said.length));
            String slowly = outcome(talk);
            if (!isHttp2(said)) {
                assertThat(slowly).isEqualTo(whole);
            }
        }
    }

    /** There a request that is taken back in the packet that brought it was never asked, and in the next one it was. */
    private static boolean isHttp2(byte[] said) {
        return new String(said, 0, Math.min(said.length, 4), StandardCharsets.US_ASCII).equals("PRI ");
    }

    /** Where nothing is forwarded, no socket for datagrams is opened, which a wire without a loop could not bear. */
    private static Conversation begin(Protocol protocol) {
        return new Conversation(
                new Sample(protocol.name(), "fuzz", List.of("forward none"), List.of()), protocol::serve);
    }

    private static String outcome(Conversation talk) {
        assertThat(talk.notes.failed()).noneMatch(why -> why.reason() == Refusal.INTERNAL);
        return talk.outcome();
    }
}
