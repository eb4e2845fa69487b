package dev.ugate.model.ssh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.model.Identity;
import dev.ugate.testing.SshVectors;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SshKeyTest {
    @ParameterizedTest
    @CsvSource({
        "ed25519, ED25519, SHA256:tu9yJTXq9fJgRA8bsxFpw7ATJAGSgGH+i1qvKeiDe34",
        "p256, P256, SHA256:us1vIxFUduX7ubZnhiBNNN37r4NPV3LfBDaqmHYR4uE",
        "p384, P384, SHA256:Yy77EC/+h4lNlD6yXU5qLUv2v2chj9eOdtpFzUH+IFo",
        "p521, P521, SHA256:+viiZWgpp1snlIo6EAth1D5pkwcz90W0HEX/82zhXbk",
        "rsa, RSA, SHA256:8YVfTeExZbpsirXXog7pM7C+d8ycUHT5raiHTWAUoP0"
    })
    void readsWhatSshKeygenMade(String name, KeyType type, String fingerprint) throws GeneralSecurityException {
        SshKey key = SshVectors.key(name);

        assertThat(key.type()).isEqualTo(type);
        assertThat(key.fingerprint()).isEqualTo(fingerprint);
        assertThat(key.identity()).isEqualTo(new Identity("ssh:" + fingerprint, Identity.Proof.SSH_KEY));
        assertThat(SshVectors.text(name + ".pub")).startsWith(key.text() + " ");
        assertThat(SshKey.of(key.key())).isEqualTo(key).hasSameHashCodeAs(key);
        assertThat(SshKey.parse(key.blob())).isEqualTo(key);
    }

    @Test
    void refusesWeakKeys() {
        assertThatThrownBy(() -> SshVectors.key("weak"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("key ssh-rsa: 1024 bits: expected 2048 to 8192");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"ssh-dss AAAAB3NzaC1kc3M=", "ssh-ed448 AAAACXNzaC1lZDQ0OA==", "ssh-ed25519", "", "ssh-ed25519 !"
            })
    void refusesOtherKinds(String line) {
        assertThatThrownBy(() -> SshKey.parse(line)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesAWordThatIsNotThatOfTheKey() {
        String line = SshVectors.key("p256").text().replaceFirst("nistp256", "nistp384");
        assertThatThrownBy(() -> SshKey.parse(line)).hasMessageContaining("encodes ecdsa-sha2-nistp256");
    }

    @Test
    void refusesOctetsBehindTheKey() {
        byte[] blob = SshVectors.key("ed25519").blob();
        assertThatThrownBy(() -> SshKey.parse(Arrays.copyOf(blob, blob.length + 1)))
                .hasMessageContaining("expected the end");
    }

    @Test
    void aPointBesideItsCurveVerifiesNothing() {
        byte[] blob = SshVectors.key("p256").blob();
        blob[blob.length - 1] ^= 1;
        SshKey beside = SshKey.parse(blob);

        assertThatThrownBy(beside::key).isInstanceOf(GeneralSecurityException.class);
        SshSignature signature = SshSignature.parse(signed("p256"));
        assertThat(signature.verifies(beside, new byte[0])).isFalse();
    }

    private static byte[] signed(String name) {
        try {
            return SshVectors.secret(name).sign(new byte[0]);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aTokensKeyIsReadWithWhatItIsFor() {
        byte[] blob = new SshWriter()
                .string("sk-ssh-ed25519@openssh.com")
                .string(new byte[32])
                .string("ssh:")
                .bytes();
        SshKey key = SshKey.parse(blob);

        assertThat(key.application()).isEqualTo("ssh:");
        assertThat(key.type().isInToken()).isTrue();
        assertThat(key.blob()).isEqualTo(blob);
    }

    @Test
    void theFingerprintIsThatOfTheRecord() {
        SshKey key = SshVectors.key("ed25519");
        SshFp record = SshFp.of(key).orElseThrow();

        // ssh-keygen -r gw.example -f ed25519.pub
        assertThat(record.text("gw.example"))
                .isEqualTo("gw.example. IN SSHFP 4 2"
                        + " b6ef722535eaf5f260440f1bb31169c3b0132401928061fe8b5aaf29e8837b7e");
        assertThat(record.matches(key)).isTrue();
        assertThat(record.matches(SshVectors.key("other"))).isFalse();
        assertThat(new SshFp(1, 2, record.fingerprint()).matches(key)).isFalse();
        assertThat(new SshFp(4, 1, record.fingerprint()).matches(key)).isFalse();
        assertThat(new SshFp(4, 2, Arrays.copyOf(record.fingerprint(), 20)).matches(key))
                .isFalse();
        assertThat(SshFp.parse(new byte[] {4, 2, 1}).matches(key)).isFalse();
        assertThatThrownBy(() -> SshFp.parse(new byte[] {4, 2})).isInstanceOf(IllegalArgumentException.class);
    }
}
