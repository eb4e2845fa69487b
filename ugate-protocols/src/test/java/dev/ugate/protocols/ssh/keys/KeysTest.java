package dev.ugate.protocols.ssh.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.config.ssh.SshKeys;
import dev.ugate.protocols.ssh.wire.Violation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Hashes and keys as another implementation made them (Python's hashlib), and bad public keys. */
final class KeysTest {
    private static final SecureRandom RANDOM = new SecureRandom();

    private static final String HASH = "1d98089cd57334eeb406b1e4683318c9bec22c092c9bc71e693e23bcaff2256c";

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] from(int first) {
        byte[] bytes = new byte[32];
        for (int i = 0; i < 32; i++) {
            bytes[i] = (byte) (first + i);
        }
        return bytes;
    }

    /** The integer 0x80 · 2^240, whose sign must not be lost. */
    private static byte[] secret() {
        byte[] magnitude = new byte[32];
        magnitude[1] = (byte) 0x80;
        ByteBuf out = Unpooled.buffer();
        dev.ugate.protocols.ssh.wire.Wire.mpint(out, magnitude);
        return ByteBufUtil.getBytes(out);
    }

    private static byte[] hash(boolean server) {
        Transcript transcript = new Transcript(server, server ? "SSH-2.0-b" : "SSH-2.0-a");
        transcript.peer(server ? "SSH-2.0-a" : "SSH-2.0-b");
        ByteBuf client = Unpooled.wrappedBuffer(ascii("\24client"));
        ByteBuf answer = Unpooled.wrappedBuffer(ascii("\24server"));
        transcript.own(server ? answer : client, 0);
        transcript.peer(server ? client : answer, 0);
        return transcript.hash(Method.CURVE25519, ascii("hostkey"), from(0), new Agreement.Answer(from(32), secret()));
    }

    @Test
    void bothEndsHashTheSame() {
        assertThat(HexFormat.of().formatHex(hash(false))).isEqualTo(HASH);
        assertThat(HexFormat.of().formatHex(hash(true))).isEqualTo(HASH);
    }

    @Test
    void keysAreDerivedToAnyLength() {
        byte[] hash = hash(false);
        Keys keys = new Keys(Method.CURVE25519, secret(), hash, hash);
        assertThat(HexFormat.of().formatHex(keys.derive('A', 12))).isEqualTo("e2801a9671c1e0b803762e1a");
        assertThat(HexFormat.of().formatHex(keys.derive('C', 64)))
                .isEqualTo("a2807f89732a833d34a90e6da47bab62b4700a1e1b43bec72f8cd32ee51a67e4"
                        + "9af09952fe53dd06aa223254c86d7863f7c5094e161922bf4ee6ea88056e999d");
    }

    @ParameterizedTest
    @EnumSource(Method.class)
    void bothHalvesOfAMethodMeet(Method method) {
        Agreement agreement = method.begin(RANDOM);
        Agreement.Answer answer = method.answer(agreement.init(), RANDOM);
        assertThat(agreement.secret(answer.reply())).isEqualTo(answer.secret());
    }

    @ParameterizedTest
    @EnumSource(Method.class)
    void messagesOfAnotherSizeAreRefused(Method method) {
        Agreement agreement = method.begin(RANDOM);
        byte[] init = agreement.init();
        byte[] reply = method.answer(init, RANDOM).reply();
        assertThatThrownBy(() -> method.answer(Arrays.copyOf(init, init.length - 1), RANDOM))
                .isInstanceOf(Violation.class);
        assertThatThrownBy(() -> method.answer(new byte[0], RANDOM)).isInstanceOf(Violation.class);
        assertThatThrownBy(() -> agreement.secret(Arrays.copyOf(reply, reply.length + 1)))
                .isInstanceOf(Violation.class);
    }

    /** RFC 8731 §3: a point of small order would make the secret zero, whoever chose the other half. */
    @ParameterizedTest
    @EnumSource(Method.class)
    void pointsOfSmallOrderAreRefused(Method method) {
        byte[] init = method.begin(RANDOM).init();
        Arrays.fill(init, init.length - X25519.SIZE, init.length, (byte) 0);
        assertThatThrownBy(() -> method.answer(init, RANDOM)).isInstanceOf(Violation.class);
    }

    /** FIPS 203 §7.2. */
    @Test
    void keysThatAreNotReducedAreRefused() {
        byte[] init = Method.MLKEM768.begin(RANDOM).init();
        init[0] = (byte) 0xff;
        init[1] |= 0x0f;
        assertThatThrownBy(() -> Method.MLKEM768.answer(init, RANDOM))
                .isInstanceOf(Violation.class)
                .hasMessageContaining("bad public key");
    }

    /** Either half alone must not decide the secret. */
    @ParameterizedTest
    @EnumSource(
            value = Method.class,
            names = {"MLKEM768", "SNTRUP761"})
    void aChangedAnswerIsAnotherSecret(Method method) {
        Agreement agreement = method.begin(RANDOM);
        Agreement.Answer answer = method.answer(agreement.init(), RANDOM);
        byte[] changed = answer.reply().clone();
        changed[5] ^= 1;
        assertThat(agreement.secret(changed)).isNotEqualTo(answer.secret());
    }

    @Test
    void theConfigurationKnowsEveryMethod() {
        assertThat(SshKeys.METHODS).isEqualTo(Method.labels());
    }
}
