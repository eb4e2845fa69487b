package dev.ugate.model.ssh;

import java.net.InetAddress;
import java.security.cert.CertificateException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the options of a user certificate say (PROTOCOL.certkeys). */
record UserOptions(Map<String, byte[]> critical, Set<String> extensions) {
    private static final String FORCE_COMMAND = "force-command";
    private static final String SOURCE_ADDRESS = "source-address";
    private static final String VERIFY = "verify-required";
    private static final String NO_TOUCH = "no-touch-required";
    private static final String FORWARDING = "permit-port-forwarding";

    /** Those that are understood. */
    static final Set<String> CRITICAL = Set.of(FORCE_COMMAND, SOURCE_ADDRESS, VERIFY);

    static UserOptions of(SshCertificate.Terms terms) {
        return new UserOptions(terms.critical(), terms.extensions().keySet());
    }

    boolean isFor(Optional<InetAddress> from) throws CertificateException {
        Optional<String> sources = word(SOURCE_ADDRESS);
        try {
            return sources.isEmpty() || Sources.blocks(sources.get()).include(from);
        } catch (IllegalArgumentException e) {
            throw new CertificateException("certificate option " + SOURCE_ADDRESS + ": " + e.getMessage(), e);
        }
    }

    Restrictions restrictions() throws CertificateException {
        Optional<String> command = word(FORCE_COMMAND);
        boolean carries = extensions.contains(FORWARDING) && command.isEmpty();
        return new Restrictions(carries, List.of(), List.of(), command);
    }

    Presence presence() {
        return new Presence(!extensions.contains(NO_TOUCH), critical.containsKey(VERIFY));
    }

    /** The value of a critical option that is text. */
    private Optional<String> word(String option) throws CertificateException {
        byte[] data = critical.get(option);
        if (data == null) {
            return Optional.empty();
        }
        try {
            SshReader in = new SshReader(data);
            String text = in.text();
            in.end();
            return Optional.of(text);
        } catch (IllegalArgumentException e) {
            throw new CertificateException("certificate option " + option + ": " + e.getMessage(), e);
        }
    }
}
