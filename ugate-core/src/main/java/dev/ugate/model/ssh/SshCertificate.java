package dev.ugate.model.ssh;

import java.net.InetAddress;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** A certificate of OpenSSH (PROTOCOL.certkeys): a key, what an authority says of it, and that it said so. */
public final class SshCertificate {
    /** Longest life: no end at all. */
    public static final long FOREVER = -1L;

    /** As many as OpenSSH takes. */
    private static final int MOST_PRINCIPALS = 256;

    private static final int MOST_OPTIONS = 64;

    private final SshKey key;
    private final Terms terms;
    private final SshKey authority;
    private final byte[] blob;
    private final int signed;

    /** Which end of a connection a certificate is for. */
    public enum Kind {
        USER,
        HOST
    }

    /**
     * What an authority says of a key.
     *
     * @param id for logs
     * @param principals names of its holder; nobody without any
     * @param after seconds of Unix time from which on it counts, unsigned
     * @param before seconds of Unix time from which on it counts no more, unsigned
     * @param critical options that must be understood
     * @param extensions options that need not be
     */
    public record Terms(
            long serial,
            Kind kind,
            String id,
            List<String> principals,
            long after,
            long before,
            SortedMap<String, byte[]> critical,
            SortedMap<String, byte[]> extensions) {
        public Terms {
            principals = List.copyOf(principals);
            critical = new TreeMap<>(critical);
            extensions = new TreeMap<>(extensions);
        }
    }

    private SshCertificate(SshKey key, Terms terms, SshKey authority, byte[] blob, int signed) {
        this.key = key;
        this.terms = terms;
        this.authority = authority;
        this.blob = blob;
        this.signed = signed;
    }

    /** Reads an encoding to its last octet; throws {@link IllegalArgumentException}. Whether it says the truth is for {@link #check}. */
    public static SshCertificate parse(byte[] blob) {
        SshReader in = new SshReader(blob);
        String word = in.text();
        KeyType type = KeyType.certified(word)
                .orElseThrow(() -> new IllegalArgumentException(
                        "certificate " + word + ": not taken: expected one of Ed25519, ECDSA or RSA"));
        in.string(); // a nonce
        SshKey key = SshKey.read(type, in);
        Terms terms = new Terms(
                in.u64(),
                kind(in.u32()),
                in.text(),
                principals(in.into()),
                in.u64(),
                in.u64(),
                options(in.into()),
                options(in.into()));
        in.string(); // reserved
        SshKey authority = SshKey.parse(in.string());
        int signed = in.position();
        SshSignature.parse(in.string());
        in.end();
        return new SshCertificate(key, terms, authority, blob.clone(), signed);
    }

    /** Reads {@code ssh-ed25519-cert-v01@openssh.com AAAA… comment}; throws {@link IllegalArgumentException}. */
    public static SshCertificate parse(String line) {
        String[] words = line.strip().split("[ \t]+", 3);
        if (words.length < 2) {
            throw new IllegalArgumentException("certificate: expected its kind and its Base64");
        }
        return parse(Base64.getDecoder().decode(words[1]));
    }

    private static Kind kind(long number) {
        if (number < 1 || number > 2) {
            throw new IllegalArgumentException("certificate kind " + number + ": expected 1, user, or 2, host");
        }
        return number == 1 ? Kind.USER : Kind.HOST;
    }

    private static List<String> principals(SshReader in) {
        List<String> principals = new ArrayList<>();
        while (in.hasMore()) {
            if (principals.size() == MOST_PRINCIPALS) {
                throw new IllegalArgumentException("certificate: too many principals: expected at most 256");
            }
            principals.add(in.text());
        }
        return principals;
    }

    /** In the order of their names, each once. */
    private static SortedMap<String, byte[]> options(SshReader in) {
        SortedMap<String, byte[]> options = new TreeMap<>();
        while (in.hasMore()) {
            String name = in.text();
            if (!options.isEmpty() && options.lastKey().compareTo(name) >= 0) {
                throw new IllegalArgumentException(
                        "certificate option " + name + ": behind " + options.lastKey() + ": expected their order");
            }
            if (options.size() == MOST_OPTIONS) {
                throw new IllegalArgumentException("certificate: too many options: expected at most 64");
            }
            options.put(name, in.string());
        }
        return options;
    }

    /** A new certificate; throws {@link GeneralSecurityException} where the authority cannot sign. {@code nonce} is random. */
    public static SshCertificate issue(SshKey key, Terms terms, SshPrivateKey authority, byte[] nonce)
            throws GeneralSecurityException {
        SshWriter principals = new SshWriter();
        terms.principals.forEach(principals::string);
        SshWriter body = new SshWriter()
                .string(key.type().certificate())
                .string(nonce)
                .raw(key.fields())
                .u64(terms.serial)
                .u32(terms.kind == Kind.USER ? 1 : 2)
                .string(terms.id)
                .string(principals.bytes())
                .u64(terms.after)
                .u64(terms.before)
                .string(options(terms.critical))
                .string(options(terms.extensions))
                .string("")
                .string(authority.publicKey().blob());
        byte[] signature = authority.sign(body.bytes());
        return parse(body.string(signature).bytes());
    }

    private static byte[] options(Map<String, byte[]> options) {
        SshWriter out = new SshWriter();
        options.forEach((name, data) -> out.string(name).string(data));
        return out.bytes();
    }

    /** The key that is certified. */
    public SshKey key() {
        return key;
    }

    public Terms terms() {
        return terms;
    }

    /** Whose signature it bears, if {@link #check} finds that it does. */
    public SshKey authority() {
        return authority;
    }

    public byte[] blob() {
        return blob.clone();
    }

    /**
     * Whether it counts now, for this end, beside who signed it: kind, time, principals, options, signature (T78). Throws
     * {@link CertificateException}.
     *
     * @param skew how far past its end it is believed
     */
    public void check(Kind kind, Instant now, Duration skew) throws CertificateException {
        if (terms.kind != kind) {
            throw new CertificateException(
                    "certificate of kind " + terms.kind.name().toLowerCase(java.util.Locale.ROOT) + ": expected "
                            + kind.name().toLowerCase(java.util.Locale.ROOT));
        }
        checkTime(now.getEpochSecond(), skew.toSeconds());
        if (terms.principals.isEmpty()) {
            throw new CertificateException("certificate without principals: expected one");
        }
        for (String name : terms.critical.keySet()) {
            if (kind == Kind.HOST || !UserOptions.CRITICAL.contains(name)) {
                throw new CertificateException("certificate with critical option " + name + ": not known");
            }
        }
        SshReader in = new SshReader(Arrays.copyOfRange(blob, signed, blob.length));
        SshSignature signature = SshSignature.parse(in.string());
        if (!signature.verifies(authority, Arrays.copyOf(blob, signed))
                || !Presence.STANDARD.isIn(signature, authority)) {
            throw new CertificateException("certificate signature: expected that of " + authority);
        }
    }

    private void checkTime(long now, long skew) throws CertificateException {
        if (Long.compareUnsigned(now, terms.after) < 0) {
            throw new CertificateException("certificate valid from " + time(terms.after) + ": expected it by now");
        }
        if (now >= skew && Long.compareUnsigned(now - skew, terms.before) >= 0) {
            throw new CertificateException("certificate valid until " + time(terms.before) + ": expected it now");
        }
    }

    private static String time(long seconds) {
        return seconds < 0 || seconds > Instant.MAX.getEpochSecond()
                ? Long.toUnsignedString(seconds)
                : Instant.ofEpochSecond(seconds).toString();
    }

    /** When it ends. */
    public Instant until() {
        return terms.before < 0 || terms.before > Instant.MAX.getEpochSecond()
                ? Instant.MAX
                : Instant.ofEpochSecond(terms.before);
    }

    /** Whether a user may come from there with it; throws {@link CertificateException} where that is not said as it should be. */
    public boolean isFor(Optional<InetAddress> from) throws CertificateException {
        return UserOptions.of(terms).isFor(from);
    }

    /** Whether it is for a host of this name; {@code *} and {@code ?} of its principals stand for others. */
    public boolean names(String host) {
        String name = host.toLowerCase(java.util.Locale.ROOT);
        return terms.principals.stream()
                .anyMatch(each -> Wildcard.matches(each.toLowerCase(java.util.Locale.ROOT), name));
    }

    /** What its holder may do; with a command of its own, nothing but the session that runs it. */
    public Restrictions restrictions() throws CertificateException {
        return UserOptions.of(terms).restrictions();
    }

    /** What a token must say. */
    public Presence presence() {
        return UserOptions.of(terms).presence();
    }

    /** {@code ssh-ed25519-cert-v01@openssh.com AAAA…}. */
    public String text() {
        return key.type().certificate() + " " + Base64.getEncoder().encodeToString(blob);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SshCertificate one && Arrays.equals(blob, one.blob);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(blob);
    }

    @Override
    public String toString() {
        return key.type().certificate() + " " + terms.id + " serial " + Long.toUnsignedString(terms.serial);
    }
}
