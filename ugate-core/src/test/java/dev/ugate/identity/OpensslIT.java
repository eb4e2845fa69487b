package dev.ugate.identity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.x509.PemText;
import dev.ugate.model.x509.SpiffeId;
import dev.ugate.testing.Peers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What we write, read by OpenSSL, and the other way round. */
@Tag("interop")
final class OpensslIT {
    @TempDir
    private Path folder;

    @BeforeAll
    static void installed() {
        Peers.require("openssl");
    }

    @Test
    void opensslBelievesWhatTheAuthorityIssues() throws Exception {
        Authority authority =
                Authority.create(folder.resolve("ca"), "cluster.local", Optional.empty(), Clock.systemUTC());
        NodeKey node = NodeKey.generate();
        authority.issue(
                node.publicKey(),
                new SpiffeId(Chains.ID),
                Duration.ofHours(1),
                Optional.of(folder.resolve("node.pem")));

        for (String purpose : List.of("sslserver", "sslclient")) {
            assertThat(openssl("verify", "-x509_strict", "-purpose", purpose, "-CAfile", "ca/root.pem", "node.pem"))
                    .isEqualTo("node.pem: OK\n");
        }
        assertThat(openssl("x509", "-in", "node.pem", "-noout", "-ext", "subjectAltName"))
                .contains("critical", "URI:" + Chains.ID);
    }

    @Test
    void opensslReadsASelfCertifiedOne() throws Exception {
        NodeKey node = NodeKey.generate();
        Credential own = Credential.selfCertified(node, node.name(".m"), Chains.NOW, Credential.LIFE);
        Files.writeString(folder.resolve("own.pem"), PemText.text(own.chain()));

        assertThat(openssl("verify", "-check_ss_sig", "-partial_chain", "-CAfile", "own.pem", "own.pem"))
                .isEqualTo("own.pem: OK\n");
        assertThat(openssl("x509", "-in", "own.pem", "-noout", "-ext", "subjectAltName"))
                .contains("DNS:" + node.name(".m"));
    }

    @Test
    void opensslsRequestsAreSignedWithoutWhatTheyAskFor() throws Exception {
        openssl(
                "req",
                "-new",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-384",
                "-nodes",
                "-keyout",
                "k.pem",
                "-out",
                "node.csr",
                "-subj",
                "/CN=admin",
                "-addext",
                "basicConstraints=critical,CA:TRUE",
                "-addext",
                "subjectAltName=URI:spiffe://cluster.local/ns/admin/sa/admin");
        Authority authority =
                Authority.create(folder.resolve("ca"), "cluster.local", Optional.empty(), Clock.systemUTC());
        Csr csr = Csr.parse(Files.readString(folder.resolve("node.csr")));
        X509Certificate leaf =
                authority.issue(csr.key(), new SpiffeId(Chains.ID), Duration.ofHours(1), Optional.empty());

        assertThat(leaf.getSubjectX500Principal().getName()).isEmpty();
        assertThat(leaf.getBasicConstraints()).isEqualTo(-1);
        assertThat(leaf.getSubjectAlternativeNames()).hasSize(1);
        assertThat(leaf.toString()).doesNotContain("admin");
    }

    @Test
    void opensslReadsOurRequestAndOurKeys() throws Exception {
        NodeKey key = new FileKeyStore(folder, "node", Optional.empty()).key();
        Files.writeString(folder.resolve("node.csr"), Csr.text(key));

        assertThat(openssl("req", "-in", "node.csr", "-noout", "-verify")).contains("verify OK");
        assertThat(openssl("pkey", "-in", "node.key", "-noout", "-check")).contains("is valid");
        assertThat(openssl("req", "-in", "node.csr", "-noout", "-pubkey"))
                .isEqualTo(openssl("pkey", "-in", "node.key", "-pubout"));
    }

    @Test
    void aKeyOfOpensslIsANodes() throws Exception {
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "node.key");
        Files.setPosixFilePermissions(
                folder.resolve("node.key"), java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
        NodeKey key = new FileKeyStore(folder, "node", Optional.empty()).key();

        assertThat(PemText.text("PUBLIC KEY", key.publicKey().getEncoded()))
                .isEqualTo(openssl("pkey", "-in", "node.key", "-pubout"));
    }

    @Test
    void aCrlOfOpensslCounts() throws Exception {
        openssl(
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-keyout",
                "k.pem",
                "-out",
                "root.pem",
                "-subj",
                "/CN=r",
                "-addext",
                "keyUsage=critical,keyCertSign,cRLSign");
        Files.writeString(folder.resolve("index.txt"), "R\t490101000000Z\t260101000000Z\t0A0B\tunknown\t/CN=x\n");
        Files.writeString(folder.resolve("c.cnf"), "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ndefault_md=sha256\n");
        openssl(
                "ca",
                "-config",
                "c.cnf",
                "-gencrl",
                "-crldays",
                "1",
                "-keyfile",
                "k.pem",
                "-cert",
                "root.pem",
                "-out",
                "crl.pem");
        X509Certificate root = PemText.certificates(Files.readString(folder.resolve("root.pem")))
                .get(0);
        Trust trust = new Trust(java.util.Map.of("a.b", new Bundle("a.b", List.of(root))), Clock.systemUTC());

        assertThat(Revocations.parse(Files.readAllBytes(folder.resolve("crl.pem")), trust))
                .hasToString("Revocations[0 identities, 0 serials, 1 CRLs]");
    }

    private String openssl(String... arguments) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of(Peers.program("openssl").toString()));
        line.addAll(List.of(arguments));
        Process process = new ProcessBuilder(line)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(said).isZero();
        return said;
    }
}
