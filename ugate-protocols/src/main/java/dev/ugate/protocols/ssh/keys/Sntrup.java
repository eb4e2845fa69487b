package dev.ugate.protocols.ssh.keys;

import java.security.SecureRandom;
import org.bouncycastle.pqc.crypto.ntruprime.SNTRUPrimeKEMExtractor;
import org.bouncycastle.pqc.crypto.ntruprime.SNTRUPrimeKEMGenerator;
import org.bouncycastle.pqc.crypto.ntruprime.SNTRUPrimeKeyGenerationParameters;
import org.bouncycastle.pqc.crypto.ntruprime.SNTRUPrimeKeyPairGenerator;
import org.bouncycastle.pqc.crypto.ntruprime.SNTRUPrimeParameters;
import org.bouncycastle.pqc.crypto.ntruprime.SNTRUPrimePrivateKeyParameters;
import org.bouncycastle.pqc.crypto.ntruprime.SNTRUPrimePublicKeyParameters;

/** Streamlined NTRU Prime, sntrup761. */
final class Sntrup implements Kem {
    @Override
    public int publicSize() {
        return 1158;
    }

    @Override
    public int sealedSize() {
        return 1039;
    }

    @Override
    public Pair pair(SecureRandom random) {
        var generator = new SNTRUPrimeKeyPairGenerator();
        generator.init(new SNTRUPrimeKeyGenerationParameters(random, SNTRUPrimeParameters.sntrup761));
        var pair = generator.generateKeyPair();
        var publicKey = (SNTRUPrimePublicKeyParameters) pair.getPublic();
        var privateKey = (SNTRUPrimePrivateKeyParameters) pair.getPrivate();
        return new Pair(publicKey.getEncoded(), new SNTRUPrimeKEMExtractor(privateKey)::extractSecret);
    }

    @Override
    public Encapsulated encapsulate(byte[] publicKey, SecureRandom random) {
        var key = new SNTRUPrimePublicKeyParameters(SNTRUPrimeParameters.sntrup761, publicKey);
        return Encapsulated.of(new SNTRUPrimeKEMGenerator(random).generateEncapsulated(key));
    }
}
