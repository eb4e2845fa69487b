package dev.ugate.net.tls;

import dev.ugate.model.Identity;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;

/** Whom a verified certificate proves: by the type of its alternative names, never by its subject (T19, T20). */
public final class PeerCertificate {
    private static final String SPIFFE = "spiffe://";
    private static final int DNS = 2;
    private static final int URI = 6;

    /** SPIFFE-ID §2.3 and §2.4. */
    private static final int MOST_ID = 2048;

    private static final int MOST_DOMAIN = 255;

    private PeerCertificate() {}

    /**
     * The SPIFFE id when the certificate has one (exactly one URI name, parsed strictly), else {@code key:} and the SHA-256 of its
     * public key. Throws {@link Refused} UNAUTHENTICATED for a certificate whose names cannot be trusted.
     */
    public static Identity identity(X509Certificate leaf) {
        List<String> uris = names(leaf, URI);
        if (uris.stream().noneMatch(uri -> uri.startsWith(SPIFFE))) {
            return new Identity("key:" + keyHash(leaf), Identity.Proof.CERTIFICATE);
        }
        if (uris.size() != 1 || !isSpiffe(uris.get(0))) {
            throw Refused.because(Refusal.UNAUTHENTICATED, "certificate names " + uris + ": expected one SPIFFE id");
        }
        return new Identity(uris.get(0), Identity.Proof.CERTIFICATE);
    }

    /** The DNS names, lower case as written; throws like {@link #identity}. */
    public static List<String> dnsNames(X509Certificate leaf) {
        return names(leaf, DNS);
    }

    private static List<String> names(X509Certificate leaf, int type) {
        List<String> names = new ArrayList<>(2);
        try {
            Collection<List<?>> all = leaf.getSubjectAlternativeNames();
            for (List<?> entry : all == null ? List.<List<?>>of() : all) {
                if (entry.get(1) instanceof String name) {
                    if (name.chars().anyMatch(c -> c < 0x20 || c == 0x7F)) {
                        throw Refused.because(
                                Refusal.UNAUTHENTICATED, "certificate name: control character: expected none");
                    }
                    if (entry.get(0).equals(type)) {
                        names.add(name);
                    }
                }
            }
        } catch (CertificateParsingException e) {
            throw Refused.because(Refusal.UNAUTHENTICATED, "certificate names: " + e.getMessage());
        }
        return names;
    }

    /** SPIFFE-ID §2: lower-case trust domain, then segments without dots-only, empty or escaped ones (T21). */
    static boolean isSpiffe(String id) {
        if (id.length() > MOST_ID || !id.startsWith(SPIFFE)) {
            return false;
        }
        String[] parts = id.substring(SPIFFE.length()).split("/", -1);
        String domain = parts[0];
        boolean named = !domain.isEmpty()
                && domain.length() <= MOST_DOMAIN
                && domain.chars().allMatch(c -> c >= 'a' && c <= 'z' || isDigitOrMark(c));
        for (int i = 1; i < parts.length; i++) {
            String part = parts[i];
            boolean dots = part.isEmpty() || part.equals(".") || part.equals("..");
            named &= !dots
                    && part.chars().allMatch(c -> c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || isDigitOrMark(c));
        }
        return named && parts.length > 1;
    }

    private static boolean isDigitOrMark(int c) {
        return c >= '0' && c <= '9' || c == '.' || c == '-' || c == '_';
    }

    private static String keyHash(X509Certificate leaf) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256")
                            .digest(leaf.getPublicKey().getEncoded()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether a failed handshake failed because of the peer's certificate. */
    public static boolean isAbout(Throwable cause) {
        for (Throwable at = cause; at != null; at = at.getCause()) {
            if (at instanceof CertificateException
                    || at instanceof CertPathBuilderException
                    || at instanceof CertPathValidatorException) {
                return true;
            }
        }
        return false;
    }

    /** What was wrong, in the words of the innermost cause. */
    public static String reason(Throwable cause) {
        Throwable at = cause;
        while (at.getCause() != null) {
            at = at.getCause();
        }
        return String.valueOf(at.getMessage());
    }
}
