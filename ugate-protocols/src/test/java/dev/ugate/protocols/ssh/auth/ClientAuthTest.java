package dev.ugate.protocols.ssh.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Refusal;
import dev.ugate.model.ssh.SshPrivateKey;
import dev.ugate.model.ssh.SshReader;
import dev.ugate.model.ssh.SshWriter;
import dev.ugate.protocols.ssh.auth.ClientAuth.Offer;
import dev.ugate.protocols.ssh.kex.Side;
import dev.ugate.protocols.ssh.wire.Layer;
import dev.ugate.protocols.ssh.wire.Message;
import dev.ugate.testing.SshVectors;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ClientAuthTest {
    private static final Side.Extension BOUND = new Side.Extension("publickey-hostbound@openssh.com", "0");

    private final Tester server = new Tester();
    private final Tester own = new Tester();
    private final Script script = new Script();
    private final Script behind = new Script();
    private final List<Login> logins = new ArrayList<>();
    private Ends ends;

    private ClientAuth auth(List<Offer> offers) {
        return new ClientAuth("alice", offers, () -> behind);
    }

    private static Offer offer(SshPrivateKey key) {
        return new Offer(key, Optional.empty());
    }

    private OwnHostKeys keys() {
        return new OwnHostKeys(server.shown(Optional.empty()), () -> false);
    }

    private UserAuth serving() {
        return new UserAuth(server, Tester.AFAR, 3, login -> {
            logins.add(login);
            return script;
        });
    }

    private void dial(List<Offer> offers, Layer to, Side.Extension... extensions) {
        ends = new Ends(auth(offers), Ends.BLIND, to, keys(), extensions);
    }

    private void answer(int message, SshWriter out) {
        script.say(message, out.bytes());
        ends.pump();
    }

    private void accept() {
        answer(Message.SERVICE_ACCEPT, new SshWriter().string("ssh-userauth"));
    }

    @AfterEach
    void nothingIsLeft() {
        if (ends != null) {
            ends.end();
        }
    }

    @Test
    void aMemberLogsInAsItself() {
        dial(ClientAuth.offers(own.shown(Optional.empty()), true), serving());

        assertThat(behind.packets).isNotNull();
        assertThat(logins).hasSize(1);
        assertThat(logins.get(0).identity().name()).isEqualTo(own.node.id().identity());
    }

    @Test
    void othersAreShownTheKeyAlone() {
        server.authorizing(Tester.key("ed25519").text());
        dial(ClientAuth.offers(own.shown(Optional.empty()), false), serving(), BOUND);

        assertThat(behind.packets).isNotNull();
        assertThat(logins.get(0).identity()).isEqualTo(Tester.key("ed25519").identity());
        assertThat(logins.get(0).name()).isEqualTo("alice");
    }

    @Test
    void oneKeyIsShownBehindTheOther() {
        server.authorizing(Tester.key("p256").text());
        dial(List.of(offer(SshVectors.secret("ed25519")), offer(SshVectors.secret("p256"))), serving());
        assertThat(behind.packets).isNull();
        ends.pass(20);

        assertThat(logins.get(0).identity()).isEqualTo(Tester.key("p256").identity());
    }

    @Test
    void whoIsNotTakenGivesUp() {
        dial(List.of(offer(SshVectors.secret("ed25519"))), serving());
        ends.pass(20);

        assertThat(ends.client.sawEnd()).isTrue();
        assertThat(behind.packets).isNull();
        assertThat(logins).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"rsa-sha2-256", "rsa-sha2-256,ssh-ed25519", "rsa-sha2-256,rsa-sha2-512", "ssh-ed25519", ""})
    void theServersAlgorithmsAreUsed(String algorithms) {
        dial(List.of(offer(SshVectors.secret("rsa"))), script, new Side.Extension("server-sig-algs", algorithms));
        accept();

        assertThat(algorithm())
                .isEqualTo(
                        algorithms.startsWith("rsa-sha2-256") && !algorithms.contains("512")
                                ? "rsa-sha2-256"
                                : "rsa-sha2-512");
    }

    private String algorithm() {
        String request = script.heard.get(script.heard.size() - 1);
        assertThat(request).startsWith("50 ");
        SshReader in = new SshReader(HexFormat.of().parseHex(request.substring(3)));
        assertThat(in.text()).isEqualTo("alice");
        assertThat(in.text()).isEqualTo("ssh-connection");
        assertThat(in.text()).isEqualTo("publickey");
        assertThat(in.flag()).isTrue();
        return in.text();
    }

    @Test
    void bannersAreHeardWithPatience() {
        dial(List.of(offer(SshVectors.secret("ed25519"))), script);
        accept();
        for (int i = 0; i < 16; i++) {
            answer(Message.USERAUTH_BANNER, new SshWriter().string("hello").string(""));
        }
        assertThat(ends.client.sawEnd()).isFalse();
        answer(Message.USERAUTH_BANNER, new SshWriter().string("hello").string(""));
        assertThat(ends.client.sawEnd()).isTrue();
    }

    @Test
    void aServerWithoutKeysIsLeft() {
        dial(List.of(offer(SshVectors.secret("ed25519")), offer(SshVectors.secret("p256"))), script);
        accept();
        answer(Message.USERAUTH_FAILURE, new SshWriter().string("password").flag(false));

        assertThat(ends.client.sawEnd()).isTrue();
        assertThat(script.end).isNotNull();
        assertThat(script.end.why().reason()).isEqualTo(Refusal.UNAUTHENTICATED);
    }

    /** CVE-2018-10933: success is the server's to say, and not before it was asked. */
    @ParameterizedTest
    @ValueSource(ints = {51, 52, 60, 90})
    void nothingComesBeforeTheService(int message) {
        dial(List.of(offer(SshVectors.secret("ed25519"))), script);
        answer(message, new SshWriter());
        assertThat(ends.client.sawEnd()).isTrue();
        assertThat(behind.packets).isNull();
    }

    @Test
    void aServiceIsAcceptedOnce() {
        dial(List.of(offer(SshVectors.secret("ed25519"))), script);
        accept();
        accept();
        assertThat(ends.client.sawEnd()).isTrue();
    }
}
