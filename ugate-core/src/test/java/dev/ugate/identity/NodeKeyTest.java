package dev.ugate.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.model.mesh.NodeId;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.util.HexFormat;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class NodeKeyTest {
    /** Half of the points have the other root for their Y. */
    @RepeatedTest(12)
    void privateKeyAloneGivesTheSamePair() {
        NodeKey made = NodeKey.generate();
        NodeKey read = NodeKey.of(made.privateKey().getEncoded());

        assertThat(read.publicKey()).isEqualTo(made.publicKey());
        assertThat(read.id()).isEqualTo(made.id());
    }

    /** Some keys begin with zeros, which a number does not show. */
    @RepeatedTest(3)
    void pkcs8HoldsThePairAndReadsBack() throws GeneralSecurityException {
        NodeKey made = NodeKey.generate();
        NodeKey read = NodeKey.of(made.pkcs8());

        assertThat(made.pkcs8()).hasSize(138);
        assertThat(read.publicKey()).isEqualTo(made.publicKey());
        assertThat(((ECPrivateKey) read.privateKey()).getS()).isEqualTo(((ECPrivateKey) made.privateKey()).getS());
    }

    @Test
    void smallKeysKeepTheirZeros() throws GeneralSecurityException {
        String small = "308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420"
                + "0".repeat(63) + "1" + "a144034200046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
                + "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";
        byte[] pkcs8 = HexFormat.of().parseHex(small);

        assertThat(NodeKey.of(pkcs8).pkcs8()).isEqualTo(pkcs8);
    }

    @Test
    void idNameAndAddressFollowFromTheMarshalledKey() {
        NodeKey key = NodeKey.generate();
        byte[] marshalled = key.marshalled();

        assertThat(marshalled).hasSize(65).startsWith(4);
        assertThat(key.id()).isEqualTo(NodeId.of(marshalled));
        assertThat(key.vip()).isEqualTo(NodeId.vip(marshalled));
        assertThat(key.name(".m"))
                .matches("[a-z2-7]{52}\\.m")
                .satisfies(name -> assertThat(NodeId.named(name)).contains(key.id()));
    }

    @Test
    void keysDiffer() {
        assertThat(NodeKey.generate().id()).isNotEqualTo(NodeKey.generate().id());
    }

    @ParameterizedTest
    @CsvSource({"EC,secp384r1", "RSA,", "Ed25519,"})
    void refusesOtherKinds(String algorithm, String curve) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        if (curve != null) {
            generator.initialize(new ECGenParameterSpec(curve));
        }
        byte[] other = generator.generateKeyPair().getPrivate().getEncoded();

        assertThatThrownBy(() -> NodeKey.of(other))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("key: expected a P-256 key in PKCS#8");
        assertThatThrownBy(() -> NodeKey.of(new byte[9])).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void showsItsIdAndNoMore() {
        NodeKey key = NodeKey.generate();

        assertThat(key).hasToString("NodeKey[" + key.id() + "]");
    }

    @Test
    void t27ZerosAreNoSignature() throws IOException {
        SelfTest.run(NodeKey.generate().publicKey());
    }
}
