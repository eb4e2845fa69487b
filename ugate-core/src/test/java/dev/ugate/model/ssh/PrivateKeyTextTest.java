package dev.ugate.model.ssh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.model.x509.PemText;
import dev.ugate.testing.SshVectors;
import java.security.GeneralSecurityException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PrivateKeyTextTest {
    @ParameterizedTest
    @ValueSource(strings = {"ed25519", "p256", "p384", "p521", "rsa"})
    void readsOpensshsOwnForm(String name) {
        SshPrivateKey key = SshVectors.secret(name);
        assertThat(key.publicKey()).isEqualTo(SshVectors.key(name));
        assertThat(key.toString()).contains("SHA256:");
    }

    @ParameterizedTest
    @ValueSource(strings = {"pkcs8-ed25519", "pkcs8-p256", "pkcs8-rsa"})
    void readsPkcs8(String name) throws GeneralSecurityException {
        SshPrivateKey key = SshVectors.secret(name);
        assertThat(SshSignature.parse(key.sign(new byte[3])).verifies(key.publicKey(), new byte[3]))
                .isTrue();
    }

    @Test
    void theJdksWayToThePublicKeyIsTheOneOfTheRfc() {
        // RFC 8032 §7.1, the first test.
        byte[] seed = dev.ugate.testing.Hex.parse("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
        assertThat(SshPrivateKey.ed25519(seed).publicKey().fields())
                .endsWith(dev.ugate.testing.Hex.parse(
                        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"));
    }

    @Test
    void refusesWhatIsLocked() {
        assertThatThrownBy(() -> SshVectors.secret("locked"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("encrypted");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ssh-ed25519 AAAA",
                "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----"
            })
    void refusesWhatIsNoKey(String text) {
        assertThatThrownBy(() -> PrivateKeyText.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aChangedKeyIsRefusedOrAnother() {
        Random random = new Random(6);
        for (String name : new String[] {"ed25519", "p256", "rsa"}) {
            byte[] whole = PemText.blocks(SshVectors.text(name + ".key"), PrivateKeyText.OPENSSH)
                    .get(0);
            for (int i = 0; i < 60; i++) {
                byte[] changed = whole.clone();
                changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
                try {
                    SshPrivateKey key = PrivateKeyText.parse(PemText.text(PrivateKeyText.OPENSSH, changed));
                    assertThat(SshSignature.parse(key.sign(new byte[1])).verifies(key.publicKey(), new byte[1]))
                            .isTrue();
                } catch (IllegalArgumentException refused) {
                    assertThat(refused.getMessage()).isNotBlank();
                } catch (GeneralSecurityException e) {
                    throw new AssertionError(e);
                }
            }
        }
    }
}
