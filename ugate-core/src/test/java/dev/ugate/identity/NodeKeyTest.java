package dev.ugate.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.model.NodeId;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
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
    void t27ZerosAreNoSignature() {
        SelfTest.run(NodeKey.generate().publicKey());
    }
}
