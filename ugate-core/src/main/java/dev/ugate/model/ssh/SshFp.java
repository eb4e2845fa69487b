package dev.ugate.model.ssh;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/**
 * The record of DNS that names the key of a host (RFC 4255 §3.1, RFC 6594, RFC 7479). It says nothing unless DNSSEC proved it (T77), and nothing with
 * SHA-1.
 */
@SuppressWarnings("ArrayRecordComponent") // compared by matches alone
public record SshFp(int algorithm, int type, byte[] fingerprint) {
    private static final int SHA_256 = 2;
    private static final int OCTETS = 32;
    private static final int HEAD = 2;

    /** The record of a key; empty for kinds that have no number. */
    public static Optional<SshFp> of(SshKey key) {
        int number = key.type().sshfp();
        return number == 0 ? Optional.empty() : Optional.of(new SshFp(number, SHA_256, key.digest()));
    }

    /** Reads the data of a record; throws {@link IllegalArgumentException}. */
    public static SshFp parse(byte[] data) {
        if (data.length <= HEAD) {
            throw new IllegalArgumentException("SSHFP: " + data.length + " octets: expected a fingerprint");
        }
        return new SshFp(data[0] & 0xFF, data[1] & 0xFF, Arrays.copyOfRange(data, HEAD, data.length));
    }

    /** Whether the record names this key. */
    public boolean matches(SshKey key) {
        return type == SHA_256
                && algorithm == key.type().sshfp()
                && algorithm != 0
                && fingerprint.length == OCTETS
                && MessageDigest.isEqual(fingerprint, key.digest());
    }

    /** A line of a zone file. */
    public String text(String owner) {
        return String.format(
                Locale.ROOT,
                "%s. IN SSHFP %d %d %s",
                owner,
                algorithm,
                type,
                HexFormat.of().formatHex(fingerprint));
    }

    @Override
    public String toString() {
        return algorithm + " " + type + " " + HexFormat.of().formatHex(fingerprint);
    }
}
