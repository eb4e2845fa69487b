package dev.ugate.identity;

import dev.ugate.model.Identity;
import dev.ugate.model.mesh.NodeId;
import dev.ugate.model.ssh.SshCertificate;
import dev.ugate.model.ssh.SshKey;
import dev.ugate.model.x509.AlternativeNames;
import dev.ugate.model.x509.Der;
import dev.ugate.model.x509.PemText;
import dev.ugate.model.x509.PublicKeys;
import dev.ugate.model.x509.SpiffeId;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Who is not believed any more: identities and serials, or the CRLs (RFC 5280 §5) of trusted roots and of intermediates below them.
 * Immutable: read again when the file changes. A CRL that is past its next update still counts: fail static (L97).
 */
public final class Revocations {
    public static final Revocations NONE = new Revocations(Set.of(), Set.of(), List.of());

    private static final String KEY = "key:";
    static final String SSH_SERIAL = "ssh-serial:";
    private static final Pattern OF_SSH =
            Pattern.compile(SSH_SERIAL + "[1-9][0-9]{0,19}|ssh:SHA256:[A-Za-z0-9+/]{43}|user:[!-~]+");

    private final Set<String> identities;
    private final Set<BigInteger> serials;
    private final List<Crl> lists;

    /** A list, and whether its issuer is known to have signed it. */
    private record Crl(X509CRL list, boolean proven) {
        boolean takesBack(X509Certificate one, List<X509Certificate> chain) {
            return list.isRevoked(one) && (proven || chain.stream().anyMatch(issuer -> signs(issuer, list)));
        }
    }

    private Revocations(Set<String> identities, Set<BigInteger> serials, List<Crl> lists) {
        this.identities = Set.copyOf(identities);
        this.serials = Set.copyOf(serials);
        this.lists = List.copyOf(lists);
    }

    /**
     * Reads a CRL, DER or PEM, or lines of {@code spiffe://…}, {@code key:<node id>} and serials in hexadecimal, and of SSH {@code user:NAME},
     * {@code ssh:SHA256:…} and {@code ssh-serial:N}, where {@code #} begins a comment. Throws {@link IllegalArgumentException} for a line
     * that is none of these, and for a CRL in the name of a root of {@code trust} that the root did not sign. One of an intermediate counts
     * for chains that show who signed it.
     */
    public static Revocations parse(byte[] content, Trust trust) {
        String text = PemText.text(content);
        List<byte[]> lists = PemText.blocks(text, PemText.CRL);
        if (content.length > 1 && content[0] == Der.SEQUENCE && (content[1] & 0x80) != 0) {
            lists = List.of(content);
        }
        return lists.isEmpty() ? lines(new String(content, StandardCharsets.UTF_8)) : crls(lists, trust);
    }

    private static Revocations lines(String text) {
        Set<String> identities = new HashSet<>();
        Set<BigInteger> serials = new HashSet<>();
        int number = 0;
        for (String line : text.split("\n", -1)) {
            number++;
            int comment = line.indexOf('#');
            String word = (comment < 0 ? line : line.substring(0, comment)).strip();
            if (word.startsWith(KEY)) {
                identities.add(key(word, number));
            } else if (SpiffeId.isLegal(word) || OF_SSH.matcher(word).matches()) {
                identities.add(word);
            } else if (word.matches("[0-9A-Fa-f]{2}([: ]?[0-9A-Fa-f]{2}){0,19}")) {
                serials.add(new BigInteger(word.replaceAll("[: ]", ""), 16));
            } else if (!word.isEmpty()) {
                throw new IllegalArgumentException("line " + number + ": '" + word
                        + "': expected spiffe://…, key:<node id>, a serial in hexadecimal, user:NAME, ssh:SHA256:…, ssh-serial:N,"
                        + " or a CRL");
            }
        }
        return new Revocations(identities, serials, List.of());
    }

    private static String key(String word, int number) {
        try {
            return new NodeId(word.substring(KEY.length())).identity();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("line " + number + ": " + e.getMessage(), e);
        }
    }

    private static Revocations crls(List<byte[]> encoded, Trust trust) {
        List<Crl> lists = new ArrayList<>();
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            for (byte[] one : encoded) {
                lists.add(crl((X509CRL) factory.generateCRL(new ByteArrayInputStream(one)), trust));
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("CRL: " + e.getMessage(), e);
        }
        return new Revocations(Set.of(), Set.of(), lists);
    }

    /** A root's list is proven here; an intermediate is met in chains, and its list proven there. */
    private static Crl crl(X509CRL list, Trust trust) {
        List<X509Certificate> namesakes =
                trust.roots().stream().filter(root -> isOf(root, list)).toList();
        boolean proven = namesakes.stream().anyMatch(root -> signs(root, list));
        if (!proven && (!namesakes.isEmpty() || trust.roots().isEmpty())) {
            throw new IllegalArgumentException("CRL of " + list.getIssuerX500Principal()
                    + ": signed by nobody: expected a root of the bundles, or an intermediate below one");
        }
        return new Crl(list, proven);
    }

    private static boolean isOf(X509Certificate issuer, X509CRL list) {
        return issuer.getSubjectX500Principal().equals(list.getIssuerX500Principal());
    }

    private static boolean signs(X509Certificate issuer, X509CRL list) {
        boolean[] usage = issuer.getKeyUsage();
        if (!isOf(issuer, list) || usage != null && !usage[6]) {
            return false;
        }
        try {
            list.verify(issuer.getPublicKey());
            return true;
        } catch (GeneralSecurityException another) {
            return false;
        }
    }

    /** Whether one of the certificates, leaf first, or whom the leaf proves is revoked. */
    public boolean revoked(List<X509Certificate> chain) {
        for (X509Certificate one : chain) {
            if (serials.contains(one.getSerialNumber())
                    || lists.stream().anyMatch(list -> list.takesBack(one, chain))) {
                return true;
            }
        }
        return !identities.isEmpty() && !chain.isEmpty() && names(chain.get(0));
    }

    /** A revoked key is revoked whatever its certificate says. */
    private boolean names(X509Certificate leaf) {
        if (identities.contains(
                NodeId.of(PublicKeys.marshalled(leaf.getPublicKey())).identity())) {
            return true;
        }
        try {
            return AlternativeNames.of(leaf)
                    .spiffe()
                    .map(SpiffeId::text)
                    .filter(identities::contains)
                    .isPresent();
        } catch (CertificateException unreadable) {
            return true;
        }
    }

    /** Whether somebody is revoked, by the name that rules have for it. */
    public boolean revoked(Identity identity) {
        return identities.contains(identity.name());
    }

    /** Whether a key of SSH is revoked, whatever certifies it. */
    public boolean revoked(SshKey key) {
        return !identities.isEmpty() && revoked(key.identity());
    }

    /** Whether a certificate of SSH is revoked: it, its key or its authority. */
    public boolean revoked(SshCertificate certificate) {
        return revoked(certificate.terms().serial()) || revoked(certificate.key()) || revoked(certificate.authority());
    }

    /** Whether the certificates of SSH with that number are revoked. */
    boolean revoked(long serial) {
        return identities.contains(SSH_SERIAL + Long.toUnsignedString(serial));
    }

    /** Fingerprints of the keys of SSH that are revoked, {@code SHA256:…}. */
    Set<String> fingerprints() {
        return identities.stream()
                .filter(name -> name.startsWith(SshKey.FORM))
                .map(name -> name.substring(name.indexOf(':') + 1))
                .collect(Collectors.toUnmodifiableSet());
    }

    public boolean isEmpty() {
        return identities.isEmpty() && serials.isEmpty() && lists.isEmpty();
    }

    @Override
    public String toString() {
        return "Revocations[" + identities.size() + " identities, " + serials.size() + " serials, " + lists.size()
                + " CRLs]";
    }
}
