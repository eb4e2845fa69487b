package dev.ugate.model.ssh;

/**
 * What a token must say of whoever holds it; nothing is asked of other keys.
 *
 * @param touch somebody touched it
 * @param knowledge it knew who that was, by a PIN or a finger
 */
public record Presence(boolean touch, boolean knowledge) {
    public static final Presence STANDARD = new Presence(true, false);

    /** Whether a signature of the key says what it must. */
    public boolean isIn(SshSignature signature, SshKey key) {
        return !key.type().isInToken() || (signature.touched() || !touch) && (signature.verified() || !knowledge);
    }

    /** What either asks for. */
    public Presence and(Presence other) {
        return new Presence(touch || other.touch, knowledge || other.knowledge);
    }
}
