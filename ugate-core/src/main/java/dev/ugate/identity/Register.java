package dev.ugate.identity;

import dev.ugate.model.x509.PemText;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What an authority issued and took back: {@code issued.log}, a line each, and {@code revoked.txt} for {@code mesh.revoked} of the nodes. */
public final class Register {
    private static final String NOWHERE = "-";
    private static final int COLUMNS = 5;
    private static final int RADIX = 16;

    private final Path issued;
    private final Path revoked;

    Register(Path directory) {
        this.issued = directory.resolve("issued.log");
        this.revoked = directory.resolve("revoked.txt");
    }

    /**
     * One certificate that was issued.
     *
     * @param at when
     * @param out the file that it was written to; a renewed one goes there too
     */
    public record Entry(Instant at, String id, X509Certificate certificate, Optional<Path> out) {
        public String serial() {
            return certificate.getSerialNumber().toString(RADIX);
        }

        public Instant until() {
            return certificate.getNotAfter().toInstant();
        }

        PublicKey key() {
            return certificate.getPublicKey();
        }

        /** Whether half of its life is over. */
        public boolean isDue(Instant now) {
            return !now.isBefore(at.plus(java.time.Duration.between(at, until()).dividedBy(2)));
        }

        private String line() {
            return String.join(
                            "\t",
                            at.toString(),
                            serial(),
                            id,
                            out.map(Path::toString).orElse(NOWHERE),
                            Base64.getEncoder().encodeToString(encoded()))
                    + "\n";
        }

        private byte[] encoded() {
            return PemText.blocks(PemText.text(List.of(certificate)), PemText.CERTIFICATE)
                    .get(0);
        }
    }

    void add(Entry entry) throws IOException {
        PrivateFile.append(issued, entry.line().getBytes(StandardCharsets.UTF_8));
    }

    /** Everything that was issued, in that order; throws {@link IOException} that names a line that is not whole. */
    public List<Entry> entries() throws IOException {
        List<Entry> entries = new ArrayList<>();
        int number = 0;
        for (String line : lines(issued)) {
            number++;
            String[] columns = line.split("\t", -1);
            try {
                if (columns.length != COLUMNS) {
                    throw new IllegalArgumentException(columns.length + " columns: expected " + COLUMNS);
                }
                entries.add(new Entry(
                        Instant.parse(columns[0]),
                        columns[2],
                        PemText.certificate(Base64.getDecoder().decode(columns[4])),
                        Optional.of(columns[3])
                                .filter(out -> !out.equals(NOWHERE))
                                .map(Path::of)));
            } catch (IllegalArgumentException | java.time.DateTimeException e) {
                throw new IOException("file " + issued + ":" + number + ": " + e.getMessage(), e);
            }
        }
        return entries;
    }

    /** Of each holder, which is an id and a key, the newest entry, but for those that are revoked. */
    public List<Entry> current() throws IOException {
        Revocations over = revocations();
        Map<List<Object>, Entry> newest = new LinkedHashMap<>();
        for (Entry entry : entries()) {
            newest.put(List.of(entry.id(), entry.key()), entry);
        }
        newest.values().removeIf(entry -> over.revoked(List.of(entry.certificate())));
        return List.copyOf(newest.values());
    }

    /**
     * Takes back an id, a key, a user or a serial; returns whether that is news. Throws {@link IllegalArgumentException} for what is none of them,
     * and for a serial that was never issued.
     */
    public boolean revoke(String what) throws IOException {
        String line = what.strip();
        Revocations one = Revocations.parse((line + "\n").getBytes(StandardCharsets.UTF_8), Trust.NOBODY);
        if (one.isEmpty() || line.indexOf('#') >= 0) {
            throw new IllegalArgumentException("revoke '" + what + "': expected spiffe://…, key:<node id>, user:NAME,"
                    + " ssh:SHA256:…, ssh-serial:N or a serial");
        }
        if (line.indexOf(':') < 0 && entries().stream().noneMatch(entry -> isSerial(entry, line))) {
            throw new IllegalArgumentException("serial " + line + ": not issued here: expected one of ugate ca show");
        }
        if (line.startsWith(Revocations.SSH_SERIAL) && !isIssuedForSsh(line)) {
            throw new IllegalArgumentException(line + ": not issued here: expected one of " + SshAuthority.LOG);
        }
        if (lines(revoked).contains(line)) {
            return false;
        }
        PrivateFile.append(revoked, (line + "\n").getBytes(StandardCharsets.UTF_8));
        return true;
    }

    private static boolean isSerial(Entry entry, String text) {
        return entry.certificate().getSerialNumber().equals(new BigInteger(text.replace(" ", ""), RADIX));
    }

    private boolean isIssuedForSsh(String line) throws IOException {
        String serial = line.substring(Revocations.SSH_SERIAL.length());
        return lines(revoked.resolveSibling(SshAuthority.LOG)).stream()
                .map(issuedThen -> issuedThen.split("\t", -1))
                .anyMatch(columns -> columns.length > 1 && columns[1].equals(serial));
    }

    /** What was taken back. */
    public Revocations revocations() throws IOException {
        return Revocations.parse(String.join("\n", lines(revoked)).getBytes(StandardCharsets.UTF_8), Trust.NOBODY);
    }

    static List<String> lines(Path file) throws IOException {
        try {
            return Files.readAllLines(file, StandardCharsets.UTF_8);
        } catch (NoSuchFileException none) {
            return List.of();
        }
    }
}
