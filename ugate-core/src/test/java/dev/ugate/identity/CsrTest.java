package dev.ugate.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.model.x509.Der;
import dev.ugate.model.x509.PemText;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** T114: a request brings a key and its proof, and nothing else counts. */
final class CsrTest {
    private static final String ECDSA = "300a06082a8648ce3d040302";

    @Test
    void whatANodeWritesIsReadBack() {
        NodeKey key = NodeKey.generate();

        assertThat(Csr.parse(Csr.text(key)).key()).isEqualTo(key.publicKey());
    }

    @ParameterizedTest
    @CsvSource({
        "EC,256,SHA256withECDSA,300a06082a8648ce3d040302",
        "EC,384,SHA384withECDSA,300a06082a8648ce3d040303",
        "RSA,2048,SHA256withRSA,300d06092a864886f70d01010b0500",
        "Ed25519,255,Ed25519,300506032b6570"
    })
    void acceptedKeysProveThemselves(String kind, int bits, String algorithm, String identifier) throws Exception {
        KeyPair pair = pair(kind, bits);

        assertThat(Csr.parse(request(pair, pair, algorithm, identifier)).key()).isEqualTo(pair.getPublic());
    }

    @ParameterizedTest
    @CsvSource({
        "EC,521,SHA256withECDSA,300a06082a8648ce3d040302,weak key",
        "RSA,1024,SHA256withRSA,300d06092a864886f70d01010b0500,weak key",
        "EC,256,SHA1withECDSA,300906072a8648ce3d0401,signature algorithm",
        "RSA,2048,SHA1withRSA,300d06092a864886f70d0101050500,signature algorithm",
        "Ed448,448,Ed448,300506032b6571,kind of key"
    })
    void weakOnesAreRefused(String kind, int bits, String algorithm, String identifier, String why) throws Exception {
        KeyPair pair = pair(kind, bits);
        String request = request(pair, pair, algorithm, identifier);

        assertThatThrownBy(() -> Csr.parse(request))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(why)
                .hasMessageContaining("expected");
    }

    @Test
    void anothersKeyIsNotAskedFor() throws Exception {
        String request = request(pair("EC", 256), pair("EC", 256), "SHA256withECDSA", ECDSA);

        assertThatThrownBy(() -> Csr.parse(request))
                .hasMessage("request: signature does not verify: expected that of its own key");
    }

    @Test
    void everyChangedOctetIsNoticed() {
        byte[] der =
                PemText.blocks(Csr.text(NodeKey.generate()), PemText.REQUEST).get(0);
        for (int i = 0; i < der.length; i++) {
            byte[] changed = der.clone();
            changed[i] ^= 0x10;
            String text = PemText.text(PemText.REQUEST, changed);
            assertThatThrownBy(() -> Csr.parse(text)).as("octet " + i).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void otherTextIsNoRequest() {
        assertThatThrownBy(() -> Csr.parse("")).hasMessage("request: 0 in the file: expected one in PEM");
        String two = Csr.text(NodeKey.generate()) + Csr.text(NodeKey.generate());
        assertThatThrownBy(() -> Csr.parse(two)).hasMessage("request: 2 in the file: expected one in PEM");
        String torn = PemText.text(PemText.REQUEST, new byte[] {0x30, 5, 1});
        assertThatThrownBy(() -> Csr.parse(torn))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("der: ");
    }

    private static KeyPair pair(String kind, int bits) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(kind);
        if (kind.equals("EC") || kind.equals("RSA")) {
            generator.initialize(bits);
        }
        return generator.generateKeyPair();
    }

    /** CertificationRequest (RFC 2986 §4.2) for one key, signed by another's holder. */
    private static String request(KeyPair of, KeyPair by, String algorithm, String identifier) throws Exception {
        byte[] body = Der.sequence(
                new byte[] {2, 1, 0}, Der.sequence(), of.getPublic().getEncoded(), Der.element(0xA0));
        Signature signature = Signature.getInstance(algorithm);
        signature.initSign(by.getPrivate());
        signature.update(body);
        return PemText.text(
                PemText.REQUEST,
                Der.sequence(
                        body,
                        HexFormat.of().parseHex(identifier),
                        Der.element(Der.BIT_STRING, new byte[1], signature.sign())));
    }
}
