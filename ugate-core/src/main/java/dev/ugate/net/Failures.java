package dev.ugate.net;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.unix.Errors;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.nio.channels.NotYetConnectedException;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns what Netty and the JDK throw into a {@link Refused}; the only place that knows their exception types. */
public final class Failures {
    private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

    private Failures() {}

    /** A Refused as it is; an I/O failure as the refusal it means; anything else is a bug: logged with its stack, INTERNAL. */
    public static Refused refused(Throwable cause) {
        if (cause instanceof Refused refused) {
            return refused;
        }
        if (cause instanceof CompletionException && cause.getCause() != null) {
            return refused(cause.getCause());
        }
        Refusal reason = reason(cause);
        if (reason == Refusal.INTERNAL) {
            LOG.atError().setCause(cause).log("bug");
        }
        return Refused.because(reason, text(cause));
    }

    private static Refusal reason(Throwable cause) {
        if (cause instanceof ConnectTimeoutException || cause instanceof TimeoutException) {
            return Refusal.TIMED_OUT;
        }
        if (cause instanceof UnknownHostException) {
            return Refusal.UNRESOLVED;
        }
        if (cause instanceof SSLPeerUnverifiedException || isCertificate(cause)) {
            return Refusal.UPSTREAM_IDENTITY;
        }
        if (cause instanceof NoRouteToHostException) {
            return Refusal.UNREACHABLE;
        }
        if (cause instanceof ConnectException) {
            return isUnreachable(cause) ? Refusal.UNREACHABLE : Refusal.CONNECTION_REFUSED;
        }
        // Netty's word for ENOTCONN: the peer reset the connection before this side could end its direction.
        boolean io = cause instanceof java.io.IOException || cause instanceof NotYetConnectedException;
        return io || cause instanceof CancellationException ? Refusal.UNREACHABLE : Refusal.INTERNAL;
    }

    private static boolean isUnreachable(Throwable cause) {
        String message = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
        return message.contains("unreachable") || message.contains("no such file");
    }

    private static boolean isCertificate(Throwable cause) {
        for (Throwable at = cause;
                at instanceof SSLException || at instanceof java.security.GeneralSecurityException;
                at = at.getCause()) {
            if (at instanceof java.security.cert.CertificateException
                    || at instanceof java.security.cert.CertPathBuilderException) {
                return true;
            }
        }
        return false;
    }

    private static String text(Throwable cause) {
        if (cause instanceof Errors.NativeIoException || cause instanceof java.io.IOException) {
            String message = String.valueOf(cause.getMessage());
            if (message.contains("refused")) {
                return "refused";
            }
            if (message.contains("unreachable")) {
                return "unreachable";
            }
            return message;
        }
        if (cause instanceof NotYetConnectedException) {
            return "reset by the peer";
        }
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : String.valueOf(cause.getMessage());
    }
}
