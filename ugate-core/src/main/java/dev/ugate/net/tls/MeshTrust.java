package dev.ugate.net.tls;

import dev.ugate.model.Identity;
import dev.ugate.model.Identity.End;
import dev.ugate.model.Refused;
import io.netty.handler.ssl.OpenSslCertificateException;
import io.netty.internal.tcnative.CertificateVerifier;
import java.net.Socket;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.CertificateRevokedException;
import java.security.cert.PKIXReason;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.X509ExtendedTrustManager;

/** Asks the verifier of the mesh during a handshake, and leaves in the session whom it found: nothing is verified twice. */
final class MeshTrust extends X509ExtendedTrustManager {
    private static final String MEMBER = "ugate.member";

    /** T16. */
    private static final int MOST_CERTIFICATES = 5;

    private final MeshVerifier verifier;

    MeshTrust(MeshVerifier verifier) {
        this.verifier = verifier;
    }

    /** Whom the far end of a session proved to be; empty where no member of the mesh was asked for. */
    static Optional<Identity> member(SSLSession session) {
        return session.getValue(MEMBER) instanceof Identity identity ? Optional.of(identity) : Optional.empty();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        prove(chain, End.CLIENT, engine);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        prove(chain, End.SERVER, engine);
    }

    private void prove(X509Certificate[] chain, End end, SSLEngine engine) throws CertificateException {
        try {
            engine.getHandshakeSession().putValue(MEMBER, identity(chain, end));
        } catch (CertificateException e) {
            throw worded(e);
        }
    }

    private Identity identity(X509Certificate[] chain, End end) throws CertificateException {
        if (chain.length > MOST_CERTIFICATES) {
            throw new CertificateException(
                    "chain of " + chain.length + " certificates: expected at most " + MOST_CERTIFICATES);
        }
        try {
            return verifier.verify(List.of(chain), end);
        } catch (Refused unreadable) {
            throw new CertificateException(unreadable.text(), unreadable);
        }
    }

    /** The same with the number that makes BoringSSL send the fitting alert (RFC 8446 §6.2): without one it says internal_error. */
    private static CertificateException worded(CertificateException wrong) {
        return new OpenSslCertificateException(String.valueOf(wrong.getMessage()), wrong, number(wrong));
    }

    private static int number(Throwable wrong) {
        for (Throwable at = wrong; at != null; at = at.getCause()) {
            Object reason = at instanceof CertPathValidatorException path ? path.getReason() : "";
            if (at instanceof CertificateExpiredException || reason == BasicReason.EXPIRED) {
                return CertificateVerifier.X509_V_ERR_CERT_HAS_EXPIRED;
            } else if (at instanceof CertificateNotYetValidException || reason == BasicReason.NOT_YET_VALID) {
                return CertificateVerifier.X509_V_ERR_CERT_NOT_YET_VALID;
            } else if (at instanceof CertificateRevokedException || reason == BasicReason.REVOKED) {
                return CertificateVerifier.X509_V_ERR_CERT_REVOKED;
            } else if (at instanceof CertPathBuilderException || reason == PKIXReason.NO_TRUST_ANCHOR) {
                return CertificateVerifier.X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;
            }
        }
        return CertificateVerifier.X509_V_ERR_CERT_REJECTED;
    }

    /** An empty list in the CertificateRequest: any issuer may be shown (RFC 8446 §4.2.4). */
    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        throw new CertificateException("socket: expected an engine");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        throw new CertificateException("socket: expected an engine");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("no engine: expected one");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("no engine: expected one");
    }
}
