package dev.ugate.model.x509;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.mesh.NodeId;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PublicKeysTest {
    private static final String HEAD = "3059301306072a8648ce3d020106082a8648ce3d030107034200";

    @Test
    void idOfAPublishedKeyIsThePublishedOne() throws GeneralSecurityException {
        byte[] info = HexFormat.of()
                .parseHex(HEAD + "04d20cdfd4d1d23b3e31ee96e5a9470e328cb7e322755be0e9c71102e250d1137a"
                        + "8c49556004b05f818e3f5cf7a10c5c321b9fe520c3f6937af054f1ab89edc146");
        PublicKey alice = KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(info));

        assertThat(NodeId.of(PublicKeys.marshalled(alice)))
                .hasToString("A3UCXD63FCFXMX7GH64FZM5EAHH3PGLKWRMBHPGY4AA3MGM6SXPQ");
    }

    @Test
    void marshalledP256IsThePoint() throws GeneralSecurityException {
        ECPublicKey key = (ECPublicKey) ec("secp256r1");
        byte[] marshalled = PublicKeys.marshalled(key);

        assertThat(marshalled).hasSize(65).startsWith(4);
        assertThat(new java.math.BigInteger(1, marshalled, 1, 32))
                .isEqualTo(key.getW().getAffineX());
        assertThat(new java.math.BigInteger(1, marshalled, 33, 32))
                .isEqualTo(key.getW().getAffineY());
    }

    @Test
    void marshalledEd25519IsTheKeyItself() throws GeneralSecurityException {
        PublicKey key =
                KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPublic();

        assertThat(PublicKeys.marshalled(key))
                .hasSize(32)
                .isEqualTo(java.util.Arrays.copyOfRange(key.getEncoded(), 12, 44));
        assertThat(PublicKeys.isAccepted(key)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"secp256r1,true", "secp384r1,true", "secp521r1,false"})
    void l46TakesTwoCurves(String curve, boolean accepted) throws GeneralSecurityException {
        assertThat(PublicKeys.isAccepted(ec(curve))).isEqualTo(accepted);
    }

    @ParameterizedTest
    @CsvSource({"1024,false", "2047,false", "2048,true"})
    void l46TakesRsaOf2048BitsAndMore(int bits, boolean accepted) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(bits);

        assertThat(PublicKeys.isAccepted(generator.generateKeyPair().getPublic()))
                .isEqualTo(accepted);
    }

    @Test
    void l46RefusesOtherKinds() throws GeneralSecurityException {
        assertThat(PublicKeys.isAccepted(
                        KeyPairGenerator.getInstance("X25519").generateKeyPair().getPublic()))
                .isFalse();
        assertThat(PublicKeys.isAccepted(
                        KeyPairGenerator.getInstance("Ed448").generateKeyPair().getPublic()))
                .isFalse();
    }

    private static PublicKey ec(String curve) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec(curve));
        return generator.generateKeyPair().getPublic();
    }
}
