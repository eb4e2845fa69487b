package dev.ugate.protocols.ssh.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.identity.NodeKey;
import dev.ugate.identity.SshCredential;
import dev.ugate.model.Identity;
import dev.ugate.model.Peer;
import dev.ugate.model.Refusal;
import dev.ugate.model.ssh.SshCertificate;
import dev.ugate.model.ssh.SshKey;
import dev.ugate.model.ssh.SshPrivateKey;
import dev.ugate.model.ssh.SshWriter;
import dev.ugate.protocols.ssh.wire.Violation;
import dev.ugate.testing.SshVectors;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class UserAuthTest {
    private static final String ED25519 = "ssh-ed25519";
    private static final String CERTIFIED = "ssh-ed25519-cert-v01@openssh.com";
    private static final SshPrivateKey KEY = SshVectors.secret("ed25519");

    private final Tester tester = new Tester();
    private final Script client = new Script();
    private final Script behind = new Script();
    private final List<Login> logins = new ArrayList<>();
    private Ends ends;

    private void begin(Peer peer) {
        UserAuth auth = new UserAuth(tester, peer, 3, login -> {
            logins.add(login);
            return behind;
        });
        ends = new Ends(
                client, Ends.BLIND, auth, new OwnHostKeys(tester.shown(java.util.Optional.empty()), () -> false));
    }

    private void serve() {
        serve(Tester.AFAR);
    }

    private void serve(Peer peer) {
        begin(peer);
        client.service("ssh-userauth");
        ends.pump();
        assertThat(client.numbers()).isEqualTo("6");
    }

    private String ask(byte[] request) {
        client.ask(request);
        ends.pump();
        return client.numbers();
    }

    /** The answer to what proves nobody comes after its time. */
    private String refused(byte[] request) {
        assertThat(ask(request)).isEmpty();
        ends.pass(19);
        assertThat(client.numbers()).isEmpty();
        ends.pass(1);
        return client.numbers();
    }

    private byte[] signed(SshPrivateKey key) {
        return client.signed("alice", key.algorithms().get(0), key.publicKey().blob(), key);
    }

    private byte[] certified(SshCertificate certificate) {
        return client.signed("alice", CERTIFIED, certificate.blob(), KEY);
    }

    private Violation end() {
        ends.pump();
        assertThat(ends.server.sawEnd()).isTrue();
        assertThat(logins).isEmpty();
        return java.util.Objects.requireNonNull(client.end);
    }

    @AfterEach
    void nothingIsLeft() {
        if (ends != null) {
            ends.end();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ed25519", "p256", "p384", "p521", "rsa"})
    void anAuthorizedKeyLogsIn(String name) {
        SshKey key = Tester.key(name);
        tester.authorizing("restrict,permitopen=\"db:5432\",port-forwarding " + key.text());
        serve();

        assertThat(ask(signed(SshVectors.secret(name)))).isEqualTo("52");
        assertThat(logins).hasSize(1).isEqualTo(tester.met);
        Login login = logins.get(0);
        assertThat(login.identity()).isEqualTo(key.identity());
        assertThat(login.name()).isEqualTo("alice");
        assertThat(login.restrictions().open()).hasSize(1);
        assertThat(behind.packets).isNotNull();
        assertThat(behind.link().peerVersion()).startsWith("SSH-2.0-");
    }

    @Test
    void bothAlgorithmsOfRsaAreTaken() {
        tester.authorizing(Tester.key("rsa").text());
        serve();
        SshPrivateKey rsa = SshVectors.secret("rsa");
        byte[] asSha512 = client.signed("alice", "rsa-sha2-512", rsa.publicKey().blob(), rsa);
        byte[] asSha256 = Script.request("alice", "publickey")
                .flag(true)
                .string("rsa-sha2-256")
                .string(rsa.publicKey().blob())
                .bytes();

        // What is signed with another algorithm than it says is no signature.
        byte[] mixed =
                new SshWriter().raw(asSha256).string(signatureOf(asSha512)).bytes();
        assertThat(refused(mixed)).isEqualTo("51");
        assertThat(ask(asSha512)).isEqualTo("52");
    }

    private static byte[] signatureOf(byte[] request) {
        dev.ugate.model.ssh.SshReader in = new dev.ugate.model.ssh.SshReader(request);
        in.text();
        in.text();
        in.text();
        in.flag();
        in.text();
        in.string();
        return in.string();
    }

    @Test
    void oldRsaIsNotTaken() {
        tester.authorizing(Tester.key("rsa").text());
        serve();
        assertThat(refused(Script.probe("alice", "ssh-rsa", Tester.key("rsa").blob())))
                .isEqualTo("51");
    }

    @Test
    void aUsersCertificateLogsIn() {
        tester.believing("ca", "cluster.local");
        serve();

        assertThat(ask(certified(SshVectors.certificate("spiffe")))).isEqualTo("52");
        assertThat(logins.get(0).identity())
                .isEqualTo(new Identity("spiffe://cluster.local/ns/shop/sa/web", Identity.Proof.SSH_CERTIFICATE));
    }

    @ParameterizedTest
    @CsvSource({"alice, user:alice", "bob, user:bob", "carol, user:alice"})
    void ofSeveralPrincipalsTheNameThatIsLoggedInWithCounts(String name, String identity) {
        tester.believing("ca");
        serve();

        assertThat(ask(client.signed(
                        name, CERTIFIED, SshVectors.certificate("ed25519").blob(), KEY)))
                .isEqualTo("52");
        assertThat(logins.get(0).identity().name()).isEqualTo(identity);
    }

    @Test
    void aMembersCertificateLogsInAsTheMember() {
        NodeKey node = NodeKey.generate();
        SshCredential member = Tester.member(node, KEY, Tester.NOW);
        serve();

        assertThat(ask(certified(member.user()))).isEqualTo("52");
        Login login = logins.get(0);
        assertThat(login.identity()).isEqualTo(new Identity(node.id().identity(), Identity.Proof.KEY));
        assertThat(login.member()).isPresent();
        assertThat(login.member().get().chain()).isEqualTo(member.of().chain());
    }

    /** T78. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "expired",
                "early",
                "anybody",
                "unknown",
                "host",
                "host-critical",
                "by-p256",
                "spiffe",
                "from-elsewhere"
            })
    void certificatesThatProveNobodyAreRefused(String name) {
        tester.believing("ca");
        serve(name.equals("from-elsewhere") ? Tester.HERE : Tester.AFAR);

        SshCertificate certificate = SshVectors.certificate(name.equals("from-elsewhere") ? "from" : name);
        assertThat(refused(certified(certificate))).isEqualTo("51");
        assertThat(refused(Script.probe("alice", CERTIFIED, certificate.blob())))
                .isEqualTo("51");
        assertThat(logins).isEmpty();
    }

    @Test
    void whatACertificateSaysOfItsUseCounts() {
        tester.believing("ca");
        serve();
        assertThat(ask(certified(SshVectors.certificate("command")))).isEqualTo("52");
        assertThat(logins.get(0).restrictions().forwarding()).isFalse();
        assertThat(logins.get(0).restrictions().command()).contains("/bin/echo hello");
    }

    @Test
    void membersCertificatesThatProveNobodyAreRefused() {
        SshCredential old =
                Tester.member(NodeKey.generate(), KEY, Tester.NOW.minus(java.time.Duration.ofHours(24 + 1)));
        SshCredential fine = Tester.member(NodeKey.generate(), KEY, Tester.NOW);
        serve();
        assertThat(refused(certified(old.user()))).isEqualTo("51");
        assertThat(refused(certified(fine.host()))).isEqualTo("51");
        assertThat(logins).isEmpty();
    }

    @Test
    void keysThatProveNobodyAreRefused() {
        tester.authorizing("from=\"198.51.100.0/24\" " + KEY.publicKey().text() + "\nexpiry-time=\"20260114Z\" "
                + Tester.key("p256").text() + "\ncert-authority "
                + Tester.key("other").text());
        serve();

        assertThat(refused(signed(KEY))).isEqualTo("51");
        assertThat(refused(signed(SshVectors.secret("p256")))).isEqualTo("51");
        client.ask(signed(SshVectors.secret("other")));
        ends.pump().pass(20);
        assertThat(end().why().reason()).isEqualTo(Refusal.UNAUTHENTICATED);
    }

    @Test
    void signaturesThatAreNotOfThisSessionAndRequestAreRefused() {
        tester.authorizing(KEY.publicKey().text());
        serve();
        byte[] other = Script.signed("alice", ED25519, KEY.publicKey().blob(), KEY, new byte[32]);
        byte[] otherUser = signed(KEY);
        otherUser[4] = 'A';

        assertThat(refused(other)).isEqualTo("51");
        assertThat(refused(otherUser)).isEqualTo("51");
        assertThat(ask(signed(KEY))).isEqualTo("52");
    }

    @Test
    void aSignatureMayBeBoundToOurHostKeyAndNoOther() {
        tester.authorizing(KEY.publicKey().text());
        serve();

        assertThat(refused(client.bound("alice", KEY, Tester.key("other").blob())))
                .isEqualTo("51");
        assertThat(ask(client.bound("alice", KEY, tester.host.publicKey().blob())))
                .isEqualTo("52");
    }

    @Test
    void questionsAreAnsweredWithoutALogin() {
        tester.authorizing(KEY.publicKey().text());
        serve();
        byte[] blob = KEY.publicKey().blob();

        assertThat(ask(Script.none("alice"))).isEqualTo("51");
        client.ask(Script.probe("alice", ED25519, blob));
        ends.pump();
        assertThat(client.heard)
                .containsExactly("60 "
                        + java.util.HexFormat.of()
                                .formatHex(new SshWriter()
                                        .string(ED25519)
                                        .string(blob)
                                        .bytes()));
        client.heard.clear();
        assertThat(refused(Script.probe("alice", ED25519, Tester.key("other").blob())))
                .isEqualTo("51");
        assertThat(logins).isEmpty();
    }

    @Test
    void questionsCostNoTryButAreCounted() {
        serve();
        for (int i = 0; i < 20; i++) {
            assertThat(refused(
                            Script.probe("alice", ED25519, Tester.key("other").blob())))
                    .isEqualTo("51");
        }
        client.ask(Script.probe("alice", ED25519, Tester.key("other").blob()));
        assertThat(end().why().reason()).isEqualTo(Refusal.UNAUTHENTICATED);
    }

    @Test
    void threeFailuresAreTheEnd() {
        serve();
        assertThat(refused(signed(KEY))).isEqualTo("51");
        assertThat(refused(Script.request("alice", "password")
                        .flag(false)
                        .string("secret")
                        .bytes()))
                .isEqualTo("51");
        client.ask(Script.request("alice", "keyboard-interactive")
                .string("")
                .string("")
                .bytes());
        ends.pump().pass(20);
        Violation why = end();
        assertThat(why.code()).isEqualTo(14);
        assertThat(why.getMessage()).contains("limit sshTries");
    }

    @Test
    void onlyKeysAreOffered() {
        serve();
        client.ask(Script.none("alice"));
        ends.pump();
        assertThat(client.heard)
                .containsExactly("51 "
                        + java.util.HexFormat.of()
                                .formatHex(new SshWriter()
                                        .string("publickey")
                                        .flag(false)
                                        .bytes()));
    }

    @Test
    void requestsWaitBehindAFailureInTheirOrder() {
        tester.authorizing(KEY.publicKey().text());
        serve();
        client.ask(signed(SshVectors.secret("other")));
        client.ask(Script.probe("alice", ED25519, KEY.publicKey().blob()));
        client.ask(signed(KEY));
        client.ask(Script.none("alice"));
        ends.pump();
        assertThat(client.numbers()).isEmpty();

        ends.pass(20);
        assertThat(client.numbers()).isEqualTo("51 60 52");
        assertThat(logins).hasSize(1);
    }

    @Test
    void nobodyWaitsWithoutABound() {
        serve();
        client.ask(signed(KEY));
        for (int i = 0; i < 64 && client.end == null; i++) {
            client.ask(Script.none("alice"));
            ends.pump();
        }
        assertThat(end().getMessage()).contains("limit");
    }

    /** T73. */
    @Test
    void nothingComesBeforeItsTime() {
        begin(Tester.AFAR);
        client.ask(Script.none("alice"));
        assertThat(end().code()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {80, 90, 94, 98})
    void theConnectionProtocolComesBehindTheLogin(int message) {
        serve();
        client.say(message, new SshWriter().string("session").bytes());
        assertThat(end().code()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ssh-connection", "shell", ""})
    void otherServicesAreNotToBeHad(String service) {
        begin(Tester.AFAR);
        client.service(service);
        assertThat(end().code()).isIn(7, 2);
    }

    @Test
    void aLoginLeadsToTheConnectionProtocolOnly() {
        serve();
        client.ask(
                new SshWriter().string("alice").string("other").string("none").bytes());
        assertThat(end().code()).isEqualTo(7);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "$(id)", "a/b", "ä", "-oX;y"})
    void namesAreNames(String user) {
        serve();
        client.ask(Script.none(user));
        assertThat(end().code()).isEqualTo(15);
    }

    @Test
    void theKeysOfWhoRunsItOpenFromThisMachineOnly() {
        Keyring.Keys own = new Keyring.Keys(
                List.of(),
                Tester.entries(KEY.publicKey().text() + "\ncert-authority "
                        + Tester.key("ca").text()),
                "bob",
                java.util.Map.of(),
                java.util.Set.of());
        tester.with(own);
        serve(Tester.AFAR);
        assertThat(refused(signed(KEY))).isEqualTo("51");
        assertThat(refused(certified(SshVectors.certificate("ed25519")))).isEqualTo("51");
        ends.end();

        client.heard.clear();
        serve(Tester.HERE);
        assertThat(ask(client.signed(
                        "root", CERTIFIED, SshVectors.certificate("ed25519").blob(), KEY)))
                .isEqualTo("52");
        // Not alice, who is its first principal: the file is bob's.
        assertThat(logins.get(0).identity().name()).isEqualTo("user:bob");
    }

    @Test
    void whatIsRevokedIsRefused() {
        for (String revoked : List.of("ed25519", "ca")) {
            tester.with(new Keyring.Keys(
                    Tester.entries(KEY.publicKey().text()),
                    List.of(),
                    "",
                    java.util.Map.of(Tester.key("ca"), java.util.Set.of()),
                    java.util.Set.of(Tester.key(revoked).fingerprint())));
            serve();
            assertThat(refused(certified(SshVectors.certificate("ed25519")))).isEqualTo("51");
            if (revoked.equals("ed25519")) {
                assertThat(refused(signed(KEY))).isEqualTo("51");
            }
            ends.end();
            client.heard.clear();
        }
    }

    /** What the mesh takes back counts for users of SSH, too. */
    @Test
    void whoIsRevokedEverywhereIsRefused() {
        tester.believing("ca");
        for (String line : List.of(
                "ssh-serial:7",
                "user:alice",
                Tester.key("ed25519").identity().name(),
                Tester.key("ca").identity().name())) {
            tester.revoking(line);
            serve();
            assertThat(refused(certified(SshVectors.certificate("ed25519"))))
                    .as(line)
                    .isEqualTo("51");
            ends.end();
            client.heard.clear();
        }
        tester.revoking("ssh-serial:8\nuser:alic\n07\n");
        serve();
        assertThat(ask(certified(SshVectors.certificate("ed25519")))).isEqualTo("52");
    }

    @Test
    void noChangedRequestLogsIn() {
        tester.authorizing(KEY.publicKey().text());
        Random random = new Random(78);
        int closed = 0;
        for (int i = 0; i < 60; i++) {
            serve();
            byte[] request = signed(KEY);
            int at = random.nextInt(request.length);
            request[at] ^= (byte) (1 << random.nextInt(8));
            client.ask(request);
            ends.pump().pass(20);
            assertThat(logins).as("octet " + at).isEmpty();
            closed += client.end == null ? 0 : 1;
            client.end = null;
            ends.end();
            client.heard.clear();
        }
        assertThat(closed).isBetween(5, 55);
    }
}
