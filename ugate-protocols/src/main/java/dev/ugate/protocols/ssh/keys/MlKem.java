package dev.ugate.protocols.ssh.keys;

import java.security.SecureRandom;
import org.bouncycastle.crypto.generators.MLKEMKeyPairGenerator;
import org.bouncycastle.crypto.kems.MLKEMExtractor;
import org.bouncycastle.crypto.kems.MLKEMGenerator;
import org.bouncycastle.crypto.params.MLKEMKeyGenerationParameters;
import org.bouncycastle.crypto.params.MLKEMParameters;
import org.bouncycastle.crypto.params.MLKEMPrivateKeyParameters;
import org.bouncycastle.crypto.params.MLKEMPublicKeyParameters;

/** ML-KEM-768 (FIPS 203). */
final class MlKem implements Kem {
    /** Coefficients are below this (FIPS 203 §2.4). */
    private static final int Q = 3329;

    private static final int VECTOR = 3 * 384;

    @Override
    public int publicSize() {
        return VECTOR + 32;
    }

    @Override
    public int sealedSize() {
        return 1088;
    }

    @Override
    public Pair pair(SecureRandom random) {
        var generator = new MLKEMKeyPairGenerator();
        generator.init(new MLKEMKeyGenerationParameters(random, MLKEMParameters.ml_kem_768));
        var pair = generator.generateKeyPair();
        var publicKey = (MLKEMPublicKeyParameters) pair.getPublic();
        var privateKey = (MLKEMPrivateKeyParameters) pair.getPrivate();
        return new Pair(publicKey.getEncoded(), new MLKEMExtractor(privateKey)::extractSecret);
    }

    @Override
    public Encapsulated encapsulate(byte[] publicKey, SecureRandom random) {
        check(publicKey);
        var key = new MLKEMPublicKeyParameters(MLKEMParameters.ml_kem_768, publicKey);
        return Encapsulated.of(new MLKEMGenerator(random).generateEncapsulated(key));
    }

    /** FIPS 203 §7.2: each coefficient, of twelve bits, is reduced. */
    private static void check(byte[] publicKey) {
        for (int i = 0; i < VECTOR; i += 3) {
            int first = publicKey[i] & 0xff | (publicKey[i + 1] & 0xf) << 8;
            int second = (publicKey[i + 1] & 0xff) >> 4 | (publicKey[i + 2] & 0xff) << 4;
            if (first >= Q || second >= Q) {
                throw new IllegalArgumentException("coefficient not reduced");
            }
        }
    }
}
