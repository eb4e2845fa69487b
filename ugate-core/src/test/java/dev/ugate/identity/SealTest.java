package dev.ugate.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SealTest {
    private static final byte[] SECRET = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final Seal SEAL = Seal.of(SECRET, "test");
    private static final byte[] TEXT = {1, 2, 3, 4, 5};

    @TempDir
    private Path folder;

    @Test
    void opensWhatItSealed() {
        assertThat(SEAL.open(SEAL.seal(TEXT, "node"), "node")).isEqualTo(TEXT);
        assertThat(Seal.of(SECRET, "again").open(SEAL.seal(TEXT, "node"), "node"))
                .isEqualTo(TEXT);
    }

    @Test
    void nothingOfTheTextShowsAndNoTwoAreEqual() {
        byte[] sealed = SEAL.seal("a planted secret".getBytes(StandardCharsets.US_ASCII), "node");

        assertThat(new String(sealed, StandardCharsets.ISO_8859_1))
                .startsWith("UGSEAL\1")
                .doesNotContain("planted");
        assertThat(SEAL.seal(TEXT, "node")).isNotEqualTo(SEAL.seal(TEXT, "node"));
    }

    @Test
    void everyOctetIsAuthenticated() {
        byte[] sealed = SEAL.seal(TEXT, "node");
        for (int i = 0; i < sealed.length; i++) {
            byte[] changed = sealed.clone();
            changed[i] ^= 1;
            assertThatThrownBy(() -> SEAL.open(changed, "node"))
                    .as("octet " + i)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("sealed: ");
        }
    }

    @Test
    void aTornFileIsRefusedAtEveryLength() {
        byte[] sealed = SEAL.seal(TEXT, "node");
        for (int length = 0; length < sealed.length; length++) {
            byte[] torn = java.util.Arrays.copyOf(sealed, length);
            assertThatThrownBy(() -> SEAL.open(torn, "node")).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void anotherSecretOrLabelDoesNotOpenIt() {
        byte[] sealed = SEAL.seal(TEXT, "node");

        assertThatThrownBy(() -> Seal.of("fedcba9876543210".getBytes(StandardCharsets.US_ASCII), "UGATE_SEAL_KEY")
                        .open(sealed, "node"))
                .hasMessage(
                        "sealed: UGATE_SEAL_KEY does not open it, or it was changed: expected the secret that sealed it");
        assertThatThrownBy(() -> SEAL.open(sealed, "ca")).isInstanceOf(IllegalArgumentException.class);
    }

    /** RFC 5869 §A.1, whose first 32 octets are our one block. */
    @Test
    void derivesAsTheVectorOfTheRfc() throws GeneralSecurityException {
        Seal seal = Seal.of(HexFormat.of().parseHex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"), "vector");
        String info = new String(HexFormat.of().parseHex("f0f1f2f3f4f5f6f7f8f9"), StandardCharsets.ISO_8859_1);

        assertThat(HexFormat.of()
                        .formatHex(seal.derived(
                                HexFormat.of().parseHex("000102030405060708090a0b0c"),
                                info.getBytes(StandardCharsets.ISO_8859_1))))
                .isEqualTo("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0123456789abcde", "0123456789abcde\n\r\n"})
    void refusesShortSecrets(String secret) {
        assertThatThrownBy(() -> Seal.of(secret.getBytes(StandardCharsets.US_ASCII), "X"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("seal key of X: \\d+ octets: expected at least 16")
                .hasMessageNotContaining("abcde");
    }

    @Test
    void aLineEndIsNoPartOfTheSecret() throws IOException {
        Path file = secret("seal", "0123456789abcdef\n", "rw-------");
        Seal read = Seal.given(Optional.of(file), Map.of()).orElseThrow();

        assertThat(Seal.of("0123456789abcdef".getBytes(StandardCharsets.US_ASCII), "")
                        .open(read.seal(TEXT, "x"), "x"))
                .isEqualTo(TEXT);
        assertThat(read).hasToString("file " + file);
    }

    @Test
    void theFileWinsOverTheCredentialAndThatOverTheVariable() throws IOException {
        Path file = secret("seal", "a secret of the file", "rw-------");
        secret(Seal.CREDENTIAL, "a secret of systemd", "r--r-----");
        Map<String, String> both =
                Map.of("CREDENTIALS_DIRECTORY", folder.toString(), Seal.VARIABLE, "a secret in a variable");

        assertThat(Seal.given(Optional.of(file), both)).hasToString("Optional[file " + file + "]");
        assertThat(Seal.given(Optional.empty(), both)).hasToString("Optional[credential ugate-key]");
        assertThat(Seal.given(Optional.empty(), Map.of(Seal.VARIABLE, "a secret in a variable")))
                .hasToString("Optional[UGATE_SEAL_KEY]");
        assertThat(Seal.given(
                        Optional.empty(),
                        Map.of("CREDENTIALS_DIRECTORY", folder.resolve("none").toString())))
                .isEmpty();
    }

    @Test
    void refusesFilesThatOthersReadAndLinks() throws IOException {
        Path open = secret("open", "0123456789abcdef", "rw-r-----");
        Path good = secret("good", "0123456789abcdef", "rw-------");
        Path link = Files.createSymbolicLink(folder.resolve("link"), good);

        assertThatThrownBy(() -> Seal.given(Optional.of(open), Map.of()))
                .hasMessage("file " + open + ": mode rw-r-----: others may touch the key: expected rw-------");
        assertThatThrownBy(() -> Seal.given(Optional.of(link), Map.of()))
                .hasMessage("file " + link + ": a link: expected a file");
        assertThatThrownBy(() -> Seal.given(Optional.of(folder.resolve("none")), Map.of()))
                .hasMessageContaining("no such file");
    }

    private Path secret(String name, String text, String mode) throws IOException {
        Path file = Files.writeString(folder.resolve(name), text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }
}
