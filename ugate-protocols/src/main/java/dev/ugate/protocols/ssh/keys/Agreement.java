package dev.ugate.protocols.ssh.keys;

import dev.ugate.protocols.ssh.wire.Disconnect;
import dev.ugate.protocols.ssh.wire.Violation;

/** A client's half of an exchange of two messages that ends in one secret. */
public interface Agreement {
    /** The first message. */
    byte[] init();

    /** The secret, encoded as hashes take it. */
    byte[] secret(byte[] reply);

    /** A server's half: the second message, and the secret, encoded as hashes take it. */
    @SuppressWarnings("ArrayRecordComponent") // never compared, never shown
    record Answer(byte[] reply, byte[] secret) {}

    /** Both messages have one size only. */
    static void sized(byte[] message, int size) {
        if (message.length != size) {
            throw bad("message of " + message.length + " bytes: expected " + size);
        }
    }

    static Violation bad(String text) {
        return Violation.of(Disconnect.KEY_EXCHANGE_FAILED, "key exchange: " + text);
    }
}
