package dev.ugate.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.model.x509.PemText;
import dev.ugate.testing.SshVectors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SshNodeKeyTest {
    private static final Optional<Seal> SEAL =
            Optional.of(Seal.of("0123456789abcdef".getBytes(StandardCharsets.US_ASCII), "test"));

    @TempDir
    private Path folder;

    @Test
    void isTheSameFromOneStartToTheNext() throws IOException {
        var first =
                new FileKeyStore(folder, "node", Optional.empty()).ssh().pair().publicKey();

        assertThat(new FileKeyStore(folder, "node", Optional.empty())
                        .ssh()
                        .pair()
                        .publicKey())
                .isEqualTo(first);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("ssh.key"))))
                .isEqualTo("rw-------");
        // OpenSSH's reader of the JDK's encoding is ours, too.
        assertThat(dev.ugate.model.ssh.PrivateKeyText.parse(Files.readString(folder.resolve("ssh.key")))
                        .publicKey())
                .isEqualTo(first);
    }

    @Test
    void isSealedLikeTheOtherOne() throws IOException {
        var first =
                new FileKeyStore(folder, "node", Optional.empty()).ssh().pair().publicKey();

        assertThat(new FileKeyStore(folder, "node", SEAL).ssh().pair().publicKey())
                .isEqualTo(first);
        assertThat(folder.resolve("ssh.key")).doesNotExist();
        assertThat(folder.resolve("ssh.sealed")).exists();
        // The seal says what it is for.
        Files.copy(folder.resolve("ssh.sealed"), folder.resolve("node.sealed"));
        assertThatThrownBy(() -> new FileKeyStore(folder, "node", SEAL).key()).isInstanceOf(IOException.class);
    }

    @Test
    void anotherKindIsRefused() throws IOException {
        Files.writeString(folder.resolve("ssh.key"), SshVectors.text("pkcs8-p256.key"));
        Files.setPosixFilePermissions(folder.resolve("ssh.key"), PosixFilePermissions.fromString("rw-------"));

        assertThatThrownBy(() -> new FileKeyStore(folder, "node", Optional.empty()).ssh())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("expected an Ed25519 key in PKCS#8");
    }

    @Test
    void opensslsKeyIsTaken() {
        byte[] pkcs8 = PemText.blocks(SshVectors.text("pkcs8-ed25519.key"), PemText.PRIVATE_KEY)
                .get(0);

        assertThat(SshNodeKey.of(pkcs8).pair().publicKey())
                .isEqualTo(SshVectors.secret("pkcs8-ed25519").publicKey());
        assertThat(SshNodeKey.of(pkcs8).pkcs8()).isEqualTo(pkcs8);
        assertThat(SshNodeKey.of(pkcs8)).hasToString("SshNodeKey");
        for (int length = 0; length < pkcs8.length; length++) {
            byte[] torn = Arrays.copyOf(pkcs8, length);
            assertThatThrownBy(() -> SshNodeKey.of(torn)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void memoryKeepsOneKey() throws IOException {
        KeyStore store = KeyStore.memory();
        assertThat(store.ssh()).isSameAs(store.ssh());
    }
}
