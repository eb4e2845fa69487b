package dev.ugate.protocols.ssh.kex;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.protocols.ssh.keys.Method;
import dev.ugate.protocols.ssh.wire.Disconnect;
import dev.ugate.protocols.ssh.wire.Message;
import dev.ugate.protocols.ssh.wire.Wire;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Strict key exchange, and what a peer without it gets (T69, T73). */
final class StrictTest {
    private static final String CURVE = "curve25519-sha256";
    private static final String CHACHA = "chacha20-poly1305@openssh.com";
    private static final String GCM = "aes256-gcm@openssh.com";

    private final dev.ugate.testing.Wire wire = dev.ugate.testing.Wire.upstream();
    private final Host host = new Host();
    private final Recorder layer = new Recorder();
    private final Link link = Pair.serve(wire, host, layer);

    @AfterEach
    void leavesNothing() {
        wire.close();
        wire.heard();
        wire.checkException();
        assertThat(wire.tally().live()).isEmpty();
    }

    private static Proposal strict(String... ciphers) {
        return Peer.proposal(List.of(CURVE, Proposal.STRICT_CLIENT), List.of(ciphers));
    }

    private void endedWith(int code, String text) {
        assertThat(layer.closed).singleElement().satisfies(why -> {
            assertThat(why.code()).isEqualTo(code);
            assertThat(why).hasMessageContaining(text);
        });
        assertThat(wire.sawEnd()).isTrue();
    }

    @Test
    void aStrictPeerMayHaveChaCha() {
        Peer peer = new Peer(wire).propose(strict(CHACHA));
        assertThat(peer.messages()).containsExactly(Message.KEXINIT);
        assertThat(layer.closed).isEmpty();
        assertThat(link.session().strict()).isTrue();
    }

    @Test
    void aPeerThatIsNotIsRefusedIt() {
        new Peer(wire).propose(Peer.proposal(List.of(CURVE), List.of(CHACHA)));
        endedWith(Disconnect.KEY_EXCHANGE_FAILED, "strict");
    }

    @Test
    void aPeerThatMayNotBeIsOfferedAesOnlyBeforeItSaysSo() {
        dev.ugate.testing.Wire other = dev.ugate.testing.Wire.upstream();
        Recorder above = new Recorder();
        Pair.serve(other, host, above);
        other.send("SSH-2.0-PuTTY\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        assertThat(new String(other.heardBytes(), java.nio.charset.StandardCharsets.ISO_8859_1))
                .isEqualTo("SSH-2.0-ugate\r\n");
        other.pass(Duration.ofMillis(250));
        String proposal = new String(other.heardBytes(), java.nio.charset.StandardCharsets.ISO_8859_1);
        assertThat(proposal).contains(GCM, Proposal.STRICT_SERVER).doesNotContain("chacha20");
        other.close();
        assertThat(other.tally().live()).isEmpty();
    }

    @Test
    void aPeerThatWaitsLessIsOfferedWhatItCanHave() {
        dev.ugate.testing.Wire other = dev.ugate.testing.Wire.upstream();
        Pair.serve(other, host, new Recorder());
        other.send("SSH-2.0-OpenSSH_9.2\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        other.heardBytes();
        Peer peer = new Peer(dev.ugate.testing.Wire.upstream());
        peer.writer().begin(Message.KEXINIT, 500);
        assertThat(peer.messages()).isEmpty();
        other.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {Message.IGNORE, Message.DEBUG, Message.UNIMPLEMENTED})
    void nothingMayComeBeforeTheProposal(int message) {
        new Peer(wire).say(message).propose(strict(GCM));
        endedWith(Disconnect.PROTOCOL_ERROR, "not the first packet");
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                Message.IGNORE,
                Message.DEBUG,
                Message.UNIMPLEMENTED,
                Message.EXT_INFO,
                22,
                0,
                192,
                200,
                5,
                50,
                80,
                94
            })
    void nothingMayComeWithinTheFirstExchange(int message) {
        new Peer(wire).propose(strict(GCM)).say(message);
        endedWith(Disconnect.PROTOCOL_ERROR, "not before the first keys");
    }

    @ParameterizedTest
    @ValueSource(ints = {Message.IGNORE, Message.DEBUG, Message.UNIMPLEMENTED})
    void aLenientPeerMayChatter(int message) {
        new Peer(wire)
                .say(message)
                .propose(Peer.proposal(List.of(CURVE), List.of(GCM)))
                .say(message);
        assertThat(layer.closed).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 6, 7, 50, 52, 80, 94, 192, 255})
    void nobodyGetsAboveTheTransportBeforeTheKeys(int message) {
        new Peer(wire).say(message);
        endedWith(Disconnect.PROTOCOL_ERROR, "not before the first keys");
        assertThat(layer.heard).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {Message.NEWKEYS, Message.KEX_INIT, Message.KEX_REPLY, 34, 49})
    void messagesOfTheExchangeHaveTheirOrder(int message) {
        new Peer(wire).say(message);
        endedWith(Disconnect.PROTOCOL_ERROR, "not expected");
    }

    @Test
    void aSecondProposalIsNone() {
        new Peer(wire).propose(strict(GCM)).propose(strict(GCM));
        endedWith(Disconnect.PROTOCOL_ERROR, "KEXINIT: not expected");
    }

    @ParameterizedTest
    @ValueSource(ints = {Message.NEWKEYS, Message.KEX_REPLY})
    void aProposalIsFollowedByTheMethod(int message) {
        new Peer(wire).propose(strict(GCM)).say(message);
        endedWith(Disconnect.PROTOCOL_ERROR, "not expected");
    }

    @Test
    void aWrongGuessIsSkippedAndARightOneIsNot() {
        Proposal wrong = new Proposal(
                List.of("ecdh-sha2-nistp256", CURVE),
                List.of(Host.ED25519),
                List.of(GCM),
                List.of(GCM),
                List.of("none"),
                true);
        Peer peer = new Peer(wire).propose(wrong).say(Message.KEX_INIT, payload -> Wire.string(payload, "guessed"));
        assertThat(layer.closed).isEmpty();
        peer.say(
                Message.KEX_INIT,
                payload -> Wire.string(
                        payload, Method.CURVE25519.begin(Pair.RANDOM).init()));
        assertThat(peer.messages()).contains(Message.KEX_REPLY, Message.NEWKEYS);
    }

    @Test
    void aRightGuessCounts() {
        List<String> methods = new java.util.ArrayList<>(Algorithms.STANDARD.methods());
        Proposal right =
                new Proposal(methods, List.of(Host.ED25519), List.of(GCM), List.of(GCM), List.of("none"), true);
        new Peer(wire).propose(right).say(Message.KEX_INIT, payload -> Wire.string(payload, "guessed"));
        endedWith(Disconnect.KEY_EXCHANGE_FAILED, "message of 7 bytes");
    }

    @Test
    void markersAreNoMethods() {
        new Peer(wire)
                .propose(Peer.proposal(List.of(Proposal.STRICT_SERVER, Proposal.EXTENSIONS_SERVER), List.of(GCM)));
        endedWith(Disconnect.KEY_EXCHANGE_FAILED, "none in common");
    }

    @Test
    void saysWhatIsNotInCommon() {
        new Peer(wire).propose(strict("aes128-ctr"));
        endedWith(Disconnect.KEY_EXCHANGE_FAILED, "no cipher in common");
    }

    @ParameterizedTest
    @ValueSource(strings = {"no method in common", "no host key algorithm in common", "no compression in common"})
    void saysWhatElseIsNot(String text) {
        List<String> methods = List.of(text.contains("method") ? "diffie-hellman-group14-sha256" : CURVE);
        List<String> keys = List.of(text.contains("host key") ? "ssh-rsa" : Host.ED25519);
        List<String> compressions = List.of(text.contains("compression") ? "zlib" : "none");
        new Peer(wire).propose(new Proposal(methods, keys, List.of(GCM), List.of(GCM), compressions, false));
        endedWith(Disconnect.KEY_EXCHANGE_FAILED, text);
    }

    /**
     * Terrapin (CVE-2023-48795): somebody between puts an IGNORE in front, so that the first packet under the keys can be cut off
     * without a gap in the numbers.
     */
    @ParameterizedTest
    @ValueSource(strings = {CHACHA, "aes128-gcm@openssh.com"})
    void aCutPrefixIsNoticed(String cipher) {
        Pair pair = new Pair(Pair.only(CURVE, cipher), Renewal.STANDARD, new Recorder(), new Recorder());
        pair.server.pipeline().addLast(pair.serverLink);
        pair.client.pipeline().addLast(pair.clientLink);
        int line = dev.ugate.protocols.ssh.wire.Identification.line().length;
        byte[] hello = pair.server.heardBytes();
        byte[] ignore = new byte[16];
        ignore[3] = 12;
        ignore[4] = 10;
        ignore[5] = Message.IGNORE;
        pair.client.send(Arrays.copyOf(hello, line));
        pair.client.send(ignore);
        pair.client.send(Arrays.copyOfRange(hello, line, hello.length));
        pair.pump();
        assertThat(pair.clientLayer.opened).isZero();
        assertThat(pair.clientLayer.closed)
                .singleElement()
                .satisfies(why -> assertThat(why).hasMessageContaining("not the first packet"));
        pair.end();
    }

    /** The same with the server's EXT_INFO cut off and nothing put in: the numbers then do not match. */
    @ParameterizedTest
    @ValueSource(strings = {CHACHA, "aes128-gcm@openssh.com"})
    void aMissingPacketIsNoticed(String cipher) {
        Pair pair = new Pair(Pair.only(CURVE, cipher), Renewal.STANDARD, new Recorder(), new Recorder());
        pair.server.pipeline().addLast(pair.serverLink);
        pair.client.pipeline().addLast(pair.clientLink);
        for (int round = 0; round < 2; round++) {
            pair.server.send(pair.client.heardBytes());
            byte[] back = pair.server.heardBytes();
            if (pair.serverLink.session().begun()) {
                int extensions = lastPacket(back);
                pair.client.send(Arrays.copyOf(back, extensions));
            } else {
                pair.client.send(back);
            }
        }
        pair.server.send(pair.client.heardBytes());
        assertThat(pair.serverLayer.opened).isEqualTo(1);
        pair.serverLayer.say(Message.USERAUTH_BANNER, new byte[3]);
        pair.client.send(pair.server.heardBytes());
        assertThat(pair.clientLayer.heard).isEmpty();
        assertThat(pair.clientLayer.closed).hasSize(1);
        pair.end();
    }

    /** Where the packet behind NEWKEYS begins: the clear ones before it have lengths to follow. */
    private static int lastPacket(byte[] bytes) {
        int at = 0;
        while (true) {
            int length = java.nio.ByteBuffer.wrap(bytes).getInt(at);
            int message = bytes[at + 5];
            at += 4 + length;
            if (message == Message.NEWKEYS) {
                return at;
            }
        }
    }
}
