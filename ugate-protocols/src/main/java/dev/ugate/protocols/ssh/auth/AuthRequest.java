package dev.ugate.protocols.ssh.auth;

import dev.ugate.model.ssh.SshReader;
import dev.ugate.model.ssh.SshWriter;
import dev.ugate.protocols.ssh.wire.Disconnect;
import dev.ugate.protocols.ssh.wire.Message;
import dev.ugate.protocols.ssh.wire.Violation;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** One USERAUTH_REQUEST (RFC 4252 §5), as far as it is of a method that is known. */
@SuppressWarnings("ArrayRecordComponent") // never compared, never shown
record AuthRequest(String user, String method, @Nullable Proof proof) {
    static final String SERVICE = "ssh-connection";
    static final String NONE = "none";
    static final String PUBLIC_KEY = "publickey";

    /** The same, bound to the host key that the client saw (PROTOCOL of OpenSSH, §3.1). */
    static final String HOST_BOUND = "publickey-hostbound-v00@openssh.com";

    /** T80, and what principals may hold. */
    private static final String USER = "[A-Za-z0-9._@+-]{1,253}";

    /**
     * A key, and where it is more than a question the signature.
     *
     * @param host the host key that the client saw, null where it does not say
     * @param before everything that is signed beside the id of the session
     */
    record Proof(String algorithm, byte[] blob, byte @Nullable [] host, byte[] before, byte @Nullable [] signature) {
        /** What is signed (RFC 4252 §7). */
        byte[] data(byte[] session) {
            return new SshWriter()
                    .string(session)
                    .u8(Message.USERAUTH_REQUEST)
                    .raw(before)
                    .bytes();
        }
    }

    /** Reads what follows the message's number; throws {@link Violation}. */
    static AuthRequest parse(byte[] message) {
        try {
            SshReader in = new SshReader(message);
            String user = in.text();
            String service = in.text();
            String method = in.text();
            if (!service.equals(SERVICE)) {
                throw Violation.of(Disconnect.SERVICE_NOT_AVAILABLE, "service " + service + ": expected " + SERVICE);
            }
            if (!user.matches(USER)) {
                throw Violation.of(
                        Disconnect.ILLEGAL_USER_NAME,
                        "user name: expected 1 to 253 letters, digits, '.', '_', '-', '+' or '@'");
            }
            boolean known = method.equals(PUBLIC_KEY) || method.equals(HOST_BOUND);
            return new AuthRequest(user, method, known ? proof(method, in, message) : null);
        } catch (IllegalArgumentException e) {
            throw Violation.protocol("login: " + e.getMessage());
        }
    }

    private static Proof proof(String method, SshReader in, byte[] message) {
        boolean signed = in.flag();
        String algorithm = in.text();
        byte[] blob = in.string();
        byte[] host = method.equals(HOST_BOUND) ? in.string() : null;
        byte[] before = Arrays.copyOf(message, in.position());
        byte[] signature = signed ? in.string() : null;
        in.end();
        return new Proof(algorithm, blob, host, before, signature);
    }
}
