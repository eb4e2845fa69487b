package dev.ugate.model.ssh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.model.x509.PemText;
import dev.ugate.testing.SshVectors;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SshSignatureTest {
    private static final byte[] DATA = "data".getBytes(StandardCharsets.US_ASCII);

    @ParameterizedTest
    @ValueSource(strings = {"ed25519", "p256", "p384", "p521", "rsa"})
    void verifiesWhatSshKeygenSigned(String name) throws GeneralSecurityException {
        byte[] blob =
                PemText.blocks(SshVectors.text(name + ".sig"), "SSH SIGNATURE").get(0);
        SshReader in = new SshReader(Arrays.copyOfRange(blob, 6, blob.length));
        in.u32();
        SshKey key = SshKey.parse(in.string());
        in.string();
        in.string();
        String hash = in.text();
        SshSignature signature = SshSignature.parse(in.string());
        MessageDigest digest = MessageDigest.getInstance(hash.equals("sha512") ? "SHA-512" : "SHA-256");
        byte[] signed = new SshWriter()
                .raw("SSHSIG".getBytes(StandardCharsets.US_ASCII))
                .string("ugate")
                .string("")
                .string(hash)
                .string(digest.digest("message".getBytes(StandardCharsets.US_ASCII)))
                .bytes();

        assertThat(key).isEqualTo(SshVectors.key(name));
        assertThat(signature.verifies(key, signed)).isTrue();
        signed[signed.length - 1] ^= 1;
        assertThat(signature.verifies(key, signed)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "ed25519, ssh-ed25519",
        "p256, ecdsa-sha2-nistp256",
        "p384, ecdsa-sha2-nistp384",
        "p521, ecdsa-sha2-nistp521",
        "rsa, rsa-sha2-256",
        "rsa, rsa-sha2-512"
    })
    void signsWhatItVerifies(String name, String algorithm) throws GeneralSecurityException {
        SshPrivateKey key = SshVectors.secret(name);
        // ECDSA numbers have another length now and then.
        for (int i = 0; i < 20; i++) {
            SshSignature signature = SshSignature.parse(key.sign(algorithm, DATA));

            assertThat(signature.algorithm()).isEqualTo(algorithm);
            assertThat(signature.verifies(key.publicKey(), DATA)).isTrue();
            assertThat(signature.verifies(key.publicKey(), new byte[0])).isFalse();
            assertThat(signature.verifies(SshVectors.key("other"), DATA)).isFalse();
        }
    }

    @Test
    void aKeySignsOnlyAsItsKindDoes() {
        SshPrivateKey key = SshVectors.secret("ed25519");
        assertThatThrownBy(() -> key.sign("rsa-sha2-256", DATA)).isInstanceOf(GeneralSecurityException.class);
        assertThat(key.algorithms()).containsExactly("ssh-ed25519");
        assertThat(SshVectors.secret("rsa").algorithms()).containsExactly("rsa-sha2-512", "rsa-sha2-256");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ssh-rsa", "ssh-dss", "ssh-ed448", "rsa-sha2-256-cert-v01@openssh.com", ""})
    void otherAlgorithmsAreNotTaken(String algorithm) {
        byte[] blob = new SshWriter().string(algorithm).string(new byte[64]).bytes();
        assertThatThrownBy(() -> SshSignature.parse(blob))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not taken");
    }

    @Test
    void refusesOctetsBehind() {
        byte[] blob =
                new SshWriter().string("ssh-ed25519").string(new byte[64]).u8(1).bytes();
        assertThatThrownBy(() -> SshSignature.parse(blob)).isInstanceOf(IllegalArgumentException.class);
    }

    /** CVE-2022-21449, and numbers that do not fit. */
    @Test
    void numbersOfZeroAndTooLongOnesVerifyNothing() {
        for (BigInteger number : List.of(BigInteger.ZERO, BigInteger.ONE.shiftLeft(300))) {
            byte[] value = new SshWriter().mpint(number).mpint(number).bytes();
            byte[] blob =
                    new SshWriter().string("ecdsa-sha2-nistp256").string(value).bytes();
            assertThat(SshSignature.parse(blob).verifies(SshVectors.key("p256"), DATA))
                    .isFalse();
        }
    }

    @Test
    void aTokensSignatureSaysWhetherSomebodyTouchedIt() throws GeneralSecurityException {
        SshPrivateKey inside = SshVectors.secret("ed25519");
        SshKey token = SshKey.parse(new SshWriter()
                .string("sk-ssh-ed25519@openssh.com")
                .raw(inside.publicKey().fields())
                .string("ssh:")
                .bytes());
        for (int flags : new int[] {0, 1, 4, 5}) {
            SshSignature signature = SshSignature.parse(ofToken(inside, flags, 7));

            assertThat(signature.verifies(token, DATA)).isTrue();
            assertThat(signature.verifies(inside.publicKey(), DATA)).isFalse();
            assertThat(Presence.STANDARD.isIn(signature, token)).isEqualTo((flags & 1) != 0);
            assertThat(new Presence(true, true).isIn(signature, token)).isEqualTo(flags == 5);
            assertThat(new Presence(false, false).isIn(signature, token)).isTrue();
        }
        byte[] forged = ofToken(inside, 0, 7);
        forged[forged.length - 5] = 1;
        assertThat(SshSignature.parse(forged).verifies(token, DATA)).isFalse();
        assertThat(Presence.STANDARD.isIn(SshSignature.parse(inside.sign(DATA)), inside.publicKey()))
                .isTrue();
    }

    /** PROTOCOL.u2f of OpenSSH, by a token that is none. */
    private static byte[] ofToken(SshPrivateKey inside, int flags, int counter) throws GeneralSecurityException {
        MessageDigest sha = MessageDigest.getInstance("SHA-256");
        byte[] signed = new SshWriter()
                .raw(sha.digest("ssh:".getBytes(StandardCharsets.US_ASCII)))
                .u8(flags)
                .u32(counter)
                .raw(sha.digest(DATA))
                .bytes();
        SshReader made = new SshReader(inside.sign(signed));
        made.text();
        return new SshWriter()
                .string("sk-ssh-ed25519@openssh.com")
                .string(made.string())
                .u8(flags)
                .u32(counter)
                .bytes();
    }
}
