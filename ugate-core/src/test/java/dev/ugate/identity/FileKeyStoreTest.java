package dev.ugate.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileKeyStoreTest {
    private static final Optional<Seal> SEAL = Optional.of(seal("0123456789abcdef"));

    @TempDir
    private Path folder;

    @Test
    void withoutASealTheKeyIsInTheClearForTheOwnerAlone() throws IOException {
        NodeKey made = plain().key();

        assertThat(files()).containsExactly("node.key");
        assertThat(mode("node.key")).isEqualTo("rw-------");
        assertThat(plain().key().id()).isEqualTo(made.id());
        assertThat(plain().warning())
                .contains(
                        "key " + folder.resolve("node.key")
                                + ": in the clear: expected a seal: the systemd credential ugate-key, mesh.seal or UGATE_SEAL_KEY");
    }

    @Test
    void withASealNothingInTheClearIsEverThere() throws IOException {
        NodeKey made = sealed().key();

        assertThat(files()).containsExactly("node.sealed");
        assertThat(mode("node.sealed")).isEqualTo("rw-------");
        assertThat(Files.readString(folder.resolve("node.sealed"), StandardCharsets.ISO_8859_1))
                .doesNotContain("PRIVATE")
                .doesNotContain(latin(made.pkcs8()));
        assertThat(sealed().key().id()).isEqualTo(made.id());
        assertThat(sealed().warning()).isEmpty();
    }

    @Test
    void aKeyInTheClearIsSealedInPlaceWhenASealAppears() throws IOException {
        NodeKey made = plain().key();

        assertThat(sealed().key().id()).isEqualTo(made.id());
        assertThat(files()).containsExactly("node.sealed");
        assertThat(sealed().key().id()).isEqualTo(made.id());
    }

    @Test
    void aCrashBetweenSealingAndDeletingIsMended() throws IOException {
        NodeKey made = plain().key();
        byte[] clear = Files.readAllBytes(folder.resolve("node.key"));
        sealed().key();
        write("node.key", clear, "rw-------");

        assertThat(sealed().key().id()).isEqualTo(made.id());
        assertThat(files()).containsExactly("node.sealed");
    }

    @Test
    void anotherKeyBesideTheSealedOneIsNotDeleted() throws IOException {
        plain().key();
        byte[] other = Files.readAllBytes(folder.resolve("node.key"));
        Files.delete(folder.resolve("node.key"));
        sealed().key();
        write("node.key", other, "rw-------");

        assertThatThrownBy(sealed()::key).isInstanceOf(IOException.class).hasMessageContaining("another than");
        assertThat(files()).containsExactly("node.key", "node.sealed");
    }

    @Test
    void theWrongSealIsOneClearError() throws IOException {
        sealed().key();
        Path file = folder.resolve("node.sealed");

        assertThatThrownBy(new FileKeyStore(folder, "node", Optional.of(seal("fedcba9876543210")))::key)
                .isInstanceOf(IOException.class)
                .hasMessage("key " + file
                        + ": sealed: test does not open it, or it was changed: expected the secret that sealed it");
        assertThatThrownBy(plain()::key)
                .hasMessage(
                        "key " + file
                                + ": sealed: expected what sealed it: the systemd credential ugate-key, mesh.seal or UGATE_SEAL_KEY");
    }

    @Test
    void aTornKeyIsAnErrorAndNoNewKey() throws IOException {
        plain().key();
        byte[] whole = Files.readAllBytes(folder.resolve("node.key"));
        write("node.key", Arrays.copyOf(whole, whole.length - 30), "rw-------");

        assertThatThrownBy(plain()::key).hasMessageContaining("0 keys: expected one whole key in PKCS#8");
        write("node.key", new byte[0], "rw-------");
        assertThatThrownBy(plain()::key).hasMessageContaining("0 keys");
        sealedFrom(whole);
        write("node.sealed", Arrays.copyOf(Files.readAllBytes(folder.resolve("node.sealed")), 40), "rw-------");
        assertThatThrownBy(sealed()::key).hasMessageContaining("40 octets: expected a sealed key");
    }

    @Test
    void t121KeysThatOthersMayTouchAreRefused() throws IOException {
        plain().key();
        Files.setPosixFilePermissions(folder.resolve("node.key"), PosixFilePermissions.fromString("rw-r-----"));

        assertThatThrownBy(plain()::key)
                .hasMessage("file " + folder.resolve("node.key")
                        + ": mode rw-r-----: others may touch the key: expected rw-------");
    }

    @Test
    void t121LinksAreRefused() throws IOException {
        plain().key();
        Path elsewhere = Files.move(folder.resolve("node.key"), folder.resolve("elsewhere"));
        Files.createSymbolicLink(folder.resolve("node.key"), elsewhere);

        assertThatThrownBy(plain()::key).hasMessageContaining("node.key: a link: expected a file");
    }

    @Test
    void aDanglingLinkIsNoPlaceForANewKey() throws IOException {
        Files.createSymbolicLink(folder.resolve("node.key"), folder.resolve("nowhere"));

        assertThatThrownBy(plain()::key).isInstanceOf(IOException.class).hasMessageContaining("a link");
        assertThat(folder.resolve("nowhere")).doesNotExist();
    }

    @Test
    void aForeignKindOfKeyIsRefused() throws IOException {
        write(
                "node.key",
                "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n".getBytes(StandardCharsets.US_ASCII),
                "rw-------");

        assertThatThrownBy(plain()::key)
                .hasMessage("key " + folder.resolve("node.key") + ": key: expected a P-256 key in PKCS#8");
    }

    @Test
    void aKeyInMemoryLeavesNothing() throws IOException {
        KeyStore memory = KeyStore.memory();

        assertThat(memory.key().id()).isEqualTo(memory.key().id());
        assertThat(memory.warning()).isEmpty();
        assertThat(files()).isEmpty();
    }

    private void sealedFrom(byte[] clear) throws IOException {
        write("node.key", clear, "rw-------");
        sealed().key();
    }

    private FileKeyStore plain() {
        return new FileKeyStore(folder, "node", Optional.empty());
    }

    private FileKeyStore sealed() {
        return new FileKeyStore(folder, "node", SEAL);
    }

    private static Seal seal(String secret) {
        return Seal.of(secret.getBytes(StandardCharsets.US_ASCII), "test");
    }

    private void write(String name, byte[] content, String mode) throws IOException {
        Files.write(folder.resolve(name), content);
        Files.setPosixFilePermissions(folder.resolve(name), PosixFilePermissions.fromString(mode));
    }

    private String mode(String name) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(name)));
    }

    private List<String> files() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static String latin(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
