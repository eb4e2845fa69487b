package dev.ugate.protocols.ssh.keys;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.function.Supplier;

/** A post-quantum method and X25519 side by side, whose secret is the hash of both (draft-ietf-sshm-mlkem-hybrid-kex §2). */
final class Hybrid implements Agreement {
    private final Method method;
    private final Kem kem;
    private final Kem.Pair pair;
    private final X25519 own;

    Hybrid(Method method, Kem kem, SecureRandom random) {
        this.method = method;
        this.kem = kem;
        this.pair = kem.pair(random);
        this.own = new X25519(random);
    }

    static Answer answer(Method method, Kem kem, byte[] init, SecureRandom random) {
        int size = kem.publicSize();
        Agreement.sized(init, size + X25519.SIZE);
        Kem.Encapsulated made = checked(() -> kem.encapsulate(Arrays.copyOf(init, size), random));
        var own = new X25519(random);
        byte[] classical = own.secret(Arrays.copyOfRange(init, size, init.length));
        return new Answer(joined(made.sealed(), own.publicKey()), combined(method, made.secret(), classical));
    }

    @Override
    public byte[] init() {
        return joined(pair.publicKey(), own.publicKey());
    }

    @Override
    public byte[] secret(byte[] reply) {
        int size = kem.sealedSize();
        Agreement.sized(reply, size + X25519.SIZE);
        byte[] secret = checked(() -> pair.open(Arrays.copyOf(reply, size)));
        return combined(method, secret, own.secret(Arrays.copyOfRange(reply, size, reply.length)));
    }

    /** A string, not an integer. */
    private static byte[] combined(Method method, byte[] secret, byte[] classical) {
        MessageDigest digest = method.digest();
        digest.update(secret);
        byte[] hash = digest.digest(classical);
        return ByteBufUtil.getBytes(Unpooled.buffer().writeInt(hash.length).writeBytes(hash));
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    /** What the library throws about a key is the peer's fault. */
    private static <T> T checked(Supplier<T> step) {
        try {
            return step.get();
        } catch (IllegalArgumentException | IllegalStateException | ArrayIndexOutOfBoundsException e) {
            throw Agreement.bad("bad public key");
        }
    }
}
