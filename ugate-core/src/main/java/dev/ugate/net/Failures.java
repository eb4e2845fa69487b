package dev.ugate.net;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import io.netty.channel.Channel;
import io.netty.channel.ConnectTimeoutException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.util.List;
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

    private static final List<String> WORDS = List.of(
            "refused", "timed out", "unreachable", "no route to host", "no such file", "reset by peer", "broken pipe");

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

    /**
     * Does what is due on the channel's loop, and is not a part of reading it: what it throws goes to the channel's handlers as if they had
     * thrown it. The loop would only log it and leave the channel waiting, mostly for want of memory.
     */
    public static void run(Channel channel, Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | OutOfMemoryError wrong) {
            channel.pipeline().fireExceptionCaught(wrong);
        }
    }

    private static Refusal reason(Throwable cause) {
        if (cause instanceof ConnectTimeoutException || cause instanceof TimeoutException) {
            return Refusal.TIMED_OUT;
        }
        if (cause instanceof OutOfMemoryError) {
            return Refusal.OVERLOADED;
        }
        if (cause instanceof UnknownHostException) {
            return Refusal.UNRESOLVED;
        }
        if (cause instanceof SSLPeerUnverifiedException || isCertificate(cause)) {
            return Refusal.UPSTREAM_IDENTITY;
        }
        if (cause instanceof ConnectException) {
            return switch (word(cause)) {
                case "refused" -> Refusal.CONNECTION_REFUSED;
                case "timed out" -> Refusal.TIMED_OUT;
                default -> Refusal.UNREACHABLE;
            };
        }
        // Netty's word for ENOTCONN: the peer reset the connection before this side could end its direction.
        boolean io = cause instanceof IOException || cause instanceof NotYetConnectedException;
        return io || cause instanceof CancellationException ? Refusal.UNREACHABLE : Refusal.INTERNAL;
    }

    /** What the kernel said, without the call and the address that Netty puts around it; empty when it is none of the usual. */
    private static String word(Throwable cause) {
        String message = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
        for (String word : WORDS) {
            if (message.contains(word)) {
                return word;
            }
        }
        return "";
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
        if (cause instanceof ConnectTimeoutException) {
            return "limit connect: timed out";
        }
        if (cause instanceof IOException) {
            String word = word(cause);
            if (!word.isEmpty()) {
                return word;
            }
        }
        if (cause instanceof FileNotFoundException) {
            return "no such file"; // Netty's word, without a message, for a Unix socket that is not there
        }
        if (cause instanceof ClosedChannelException) {
            return "connection closed";
        }
        if (cause instanceof NotYetConnectedException) {
            return "reset by peer";
        }
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : String.valueOf(cause.getMessage());
    }
}
