package dev.ugate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.app.Json;
import dev.ugate.identity.Credential;
import dev.ugate.identity.Csr;
import dev.ugate.identity.NodeKey;
import dev.ugate.identity.Revocations;
import dev.ugate.identity.Trust;
import dev.ugate.model.x509.PemText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The authority on the command line: all that a mesh of two machines needs. */
final class CaTest {
    private static final String ID = "spiffe://cluster.local/ns/web/sa/shop";

    @TempDir
    Path folder;

    private final NodeKey node = NodeKey.generate();

    @BeforeEach
    void request() throws IOException {
        Files.writeString(folder.resolve("node.csr"), Csr.text(node));
        Files.createDirectory(folder.resolve("out"));
    }

    /** {@code DIR} stands for the authority's directory. */
    private Said ca(String... arguments) {
        List<String> all = new ArrayList<>(List.of("ca"));
        for (String argument : arguments) {
            all.add(argument.equals("DIR") ? folder.resolve("ca").toString() : argument);
        }
        return Said.by(all.toArray(String[]::new));
    }

    private Said sign(String... more) {
        List<String> all = new ArrayList<>(List.of("sign", "DIR", file("node.csr"), "--id", ID));
        all.addAll(List.of(more));
        return ca(all.toArray(String[]::new));
    }

    private String file(String name) {
        return folder.resolve(name).toString();
    }

    @Test
    void fromNothingToACertificateThatANodeUses() throws IOException {
        Said made = ca("init", "DIR", "--domain", "cluster.local");
        assertThat(made.code()).as(made.err()).isZero();
        assertThat(made.out()).contains("authority of cluster.local", file("ca") + "/root.pem");
        assertThat(made.err()).contains("in the clear");

        Said signed = sign("--out", file("out"));
        assertThat(signed.code()).as(signed.err()).isZero();
        assertThat(signed.out()).isEmpty();
        assertThat(signed.err()).contains("issued " + ID);
        Credential credential = Credential.read(folder.resolve("out/node.pem"), node);
        assertThat(credential.identity()).hasToString(ID);
        assertThat(folder.resolve("out/root.pem")).hasSameBinaryContentAs(folder.resolve("ca/root.pem"));
    }

    @Test
    void standardInputAndOutputDoToo() {
        ca("init", "DIR");
        Said signed = Said.given(Csr.text(node), "ca", "sign", file("ca"), "-", "--id", ID, "--for", "90s");

        assertThat(signed.code()).as(signed.err()).isZero();
        X509Certificate leaf = PemText.certificates(signed.out()).get(0);
        assertThat(leaf.getPublicKey()).isEqualTo(node.publicKey());
        assertThat(leaf.getNotAfter().getTime() - leaf.getNotBefore().getTime()).isEqualTo((90 + 300) * 1000);
    }

    @Test
    void itsKeyIsSealedUnderAFile() throws IOException {
        Path seal = Files.writeString(folder.resolve("seal"), "0123456789abcdef\n");
        Files.setPosixFilePermissions(seal, PosixFilePermissions.fromString("rw-------"));

        assertThat(ca("init", "DIR", "--seal", seal.toString()).err()).isEmpty();
        assertThat(folder.resolve("ca/ca.key")).doesNotExist();
        assertThat(sign("--seal", seal.toString()).code()).isZero();
        Said without = sign();
        assertThat(without.code()).isEqualTo(1);
        assertThat(without.err()).contains("sealed: expected what sealed it");
    }

    @Test
    void showsWhatItIssuedAndRevokesIt() throws IOException {
        ca("init", "DIR");
        sign();
        Map<String, Object> shown = Json.object(ca("show", "DIR", "-o", "json").out());
        Map<String, Object> one = Json.list(shown, "issued").get(0);
        assertThat(one).containsEntry("id", ID).containsEntry("state", "good");
        String serial = String.valueOf(one.get("serial"));
        X509Certificate leaf =
                PemText.certificates(ca("show", "DIR", "-o", "pem").out()).get(0);
        assertThat(leaf.getSerialNumber().toString(16)).isEqualTo(serial);

        assertThat(ca("revoke", "DIR", serial).out()).contains("revoked " + serial, "revoked.txt");
        assertThat(ca("revoke", "DIR", serial).out()).startsWith("revoked before");
        assertThat(ca("revoke", "DIR", ID).code()).isZero();
        assertThat(ca("show", "DIR").out()).contains(serial + " revoked until");
        assertThat(ca("show", "DIR", "-o", "pem").out()).isEmpty();
        assertThat(Revocations.parse(Files.readAllBytes(folder.resolve("ca/revoked.txt")), Trust.NOBODY)
                        .revoked(List.of(leaf)))
                .isTrue();
    }

    @Test
    void renewsNothingBeforeHalfTime() throws IOException {
        ca("init", "DIR");
        sign("--out", file("out"));
        byte[] before = Files.readAllBytes(folder.resolve("out/node.pem"));

        assertThat(ca("renew", "DIR").out()).isEmpty();
        assertThat(folder.resolve("out/node.pem")).hasBinaryContent(before);
        age();
        assertThat(ca("renew", "DIR").out()).isEqualTo("renewed " + ID + " in " + file("out/node.pem") + "\n");
        assertThat(Files.readAllBytes(folder.resolve("out/node.pem"))).isNotEqualTo(before);
    }

    /** Makes the register say that everything was issued four days ago. */
    private void age() throws IOException {
        Path log = folder.resolve("ca/issued.log");
        String line = Files.readString(log);
        Files.writeString(
                log,
                java.time.Instant.parse(line.substring(0, line.indexOf('\t'))).minusSeconds(4 * 86_400)
                        + line.substring(line.indexOf('\t')));
    }

    @Test
    void refusalsEndWithOne() throws IOException {
        assertThat(sign().err()).contains("no root.pem: expected ugate ca init");
        ca("init", "DIR");
        assertThat(ca("init", "DIR").err()).contains("exists: expected an empty directory");
        assertThat(sign("--for", "91d").err()).contains("expected 10s to 90d");
        assertThat(ca("sign", "DIR", file("none"), "--id", ID).err()).contains("no such file: expected a request");
        Files.writeString(folder.resolve("node.csr"), "nothing");
        assertThat(sign().err()).contains("request: 0 in the file");
        assertThat(ca("revoke", "DIR", "abcd").err()).contains("not issued here");
        for (Said said : List.of(sign(), sign("--for", "91d"), ca("init", "DIR"), ca("revoke", "DIR", "nobody"))) {
            assertThat(said.code()).as(said.err()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ca",
                "ca fly",
                "ca init",
                "ca init DIR --domain A.b",
                "ca sign DIR x",
                "ca sign DIR x --id web",
                "ca sign DIR x --id spiffe://a/b --for soon",
                "ca revoke DIR",
                "ca show DIR -o xml",
                "ca renew"
            })
    void usageProblemsEndWithTwo(String line) {
        Said said = Said.by(line.replace("DIR", file("ca")).split(" "));

        assertThat(said.code()).isEqualTo(2);
        assertThat(said.err()).isNotBlank();
    }

    @ParameterizedTest
    @ValueSource(strings = {"init", "sign", "renew", "revoke", "show", "ssh"})
    void explainsEveryCommand(String command) {
        assertThat(Said.by("ca", command, "--help").out()).startsWith("Usage: ugate ca " + command);
    }
}
