package dev.ugate.protocols.ssh.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class IdentificationTest {
    private static ByteBuf of(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    }

    @Test
    void leavesWhatFollowsTheLine() {
        ByteBuf in = of("SSH-2.0-OpenSSH_9.2 Debian\r\nrest");
        assertThat(new Identification(false).read(in)).isEqualTo("SSH-2.0-OpenSSH_9.2 Debian");
        assertThat(in.toString(StandardCharsets.US_ASCII)).isEqualTo("rest");
    }

    @Test
    void takesALineThatEndsWithoutReturn() {
        assertThat(new Identification(false).read(of("SSH-2.0-x\n"))).isEqualTo("SSH-2.0-x");
    }

    @Test
    void waitsForTheWholeLine() {
        String line = "SSH-2.0-x\r\n";
        for (int i = 0; i < line.length(); i++) {
            assertThat(new Identification(false).read(of(line.substring(0, i)))).isNull();
        }
    }

    @Test
    void aServerMayGreetBeforeItsLine() {
        var identification = new Identification(true);
        ByteBuf in = of("welcome\r\nto\nSSH-2.0-x\r\n");
        assertThat(identification.read(in)).isEqualTo("SSH-2.0-x");
        assertThat(new Identification(true).read(of("SSH-1.99-x\r\n"))).isEqualTo("SSH-1.99-x");
    }

    @Test
    void greetingsEndSomewhere() {
        var identification = new Identification(true);
        assertThatThrownBy(() -> identification.read(of("hello world\n".repeat(700))))
                .isInstanceOf(Violation.class);
        assertThatThrownBy(() -> new Identification(true).read(of("x".repeat(9_000))))
                .isInstanceOf(Violation.class);
    }

    @Test
    void takesTheLongestLineAndNoLongerOne() {
        String longest = "SSH-2.0-" + "x".repeat(255 - 10);
        assertThat(new Identification(false).read(of(longest + "\r\n"))).isEqualTo(longest);
        assertThatThrownBy(() -> new Identification(false).read(of(longest + "x\r\n")))
                .isInstanceOf(Violation.class);
        assertThatThrownBy(() -> new Identification(false).read(of(longest + "xxx")))
                .isInstanceOf(Violation.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\n",
                "SSH-1.5-x\r\n",
                "SSH-1.99-x\r\n",
                "SSH-2.0-a\0b\r\n",
                "SSH-2.0-a\rb\r\n",
                "\r\n",
                "S\n",
                "X"
            })
    void refusesOtherLinesOfClients(String line) {
        assertThatThrownBy(() -> new Identification(false).read(of(line))).isInstanceOf(Violation.class);
    }

    @Test
    void knowsItsOwnKind() {
        assertThat(Identification.isOurs("SSH-2.0-ugate")).isTrue();
        assertThat(Identification.isOurs("SSH-2.0-ugate_2 x")).isTrue();
        assertThat(Identification.isOurs("SSH-2.0-ugatelike")).isFalse();
    }
}
