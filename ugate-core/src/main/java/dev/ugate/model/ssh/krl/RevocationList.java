package dev.ugate.model.ssh.krl;

import dev.ugate.model.ssh.SshKey;
import dev.ugate.model.ssh.SshWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Comparator;
import java.util.Set;

/**
 * A key revocation list, which sshd reads as {@code RevokedKeys} and ssh as {@code RevokedHostKeys} (PROTOCOL.krl of OpenSSH).
 *
 * @param authority who signed the certificates
 * @param serials of its certificates, unsigned
 * @param fingerprints of keys, {@code SHA256:…}; whatever certifies them, and all that they sign
 * @param at when it was made, which is its version, too
 */
public record RevocationList(SshKey authority, Set<Long> serials, Set<String> fingerprints, Instant at) {
    private static final String MAGIC = "SSHKRL\n\0";
    private static final int FORMAT = 1;
    private static final int CERTIFICATES = 1;
    private static final int SERIALS = 0x20;
    private static final int SHA256 = 5;
    private static final String FORM = "SHA256:";

    public RevocationList {
        serials = Set.copyOf(serials);
        fingerprints = Set.copyOf(fingerprints);
    }

    /** The file's content. */
    public byte[] bytes() {
        SshWriter out = new SshWriter()
                .raw(MAGIC.getBytes(StandardCharsets.US_ASCII))
                .u32(FORMAT)
                .u64(at.getEpochSecond())
                .u64(at.getEpochSecond())
                .u64(0)
                .string("")
                .string("ugate ca ssh");
        if (!serials.isEmpty()) {
            out.u8(CERTIFICATES)
                    .string(new SshWriter()
                            .string(authority.blob())
                            .string("")
                            .u8(SERIALS)
                            .string(serialList())
                            .bytes());
        }
        if (!fingerprints.isEmpty()) {
            out.u8(SHA256).string(hashes());
        }
        return out.bytes();
    }

    private byte[] serialList() {
        SshWriter list = new SshWriter();
        serials.stream().sorted(Long::compareUnsigned).forEach(list::u64);
        return list.bytes();
    }

    private byte[] hashes() {
        SshWriter list = new SshWriter();
        fingerprints.stream()
                .sorted(Comparator.naturalOrder())
                .map(text -> Base64.getDecoder().decode(text.substring(FORM.length())))
                .forEach(list::string);
        return list.bytes();
    }
}
