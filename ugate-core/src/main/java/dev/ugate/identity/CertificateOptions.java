package dev.ugate.identity;

import dev.ugate.model.Cidr;
import dev.ugate.model.ssh.SshWriter;
import java.util.List;
import java.util.Map;

/** What {@code ssh-keygen -O} calls options, as user certificates hold them. */
final class CertificateOptions {
    private static final byte[] NOTHING = new byte[0];

    /** What ssh-keygen permits unless told otherwise. */
    private static final List<String> USUAL =
            List.of("X11-forwarding", "agent-forwarding", "port-forwarding", "pty", "user-rc");

    private CertificateOptions() {}

    /** Adds to both what the options say; throws {@link IllegalArgumentException} for one that is not known. */
    static void read(List<String> options, Map<String, byte[]> critical, Map<String, byte[]> extensions) {
        USUAL.forEach(each -> extensions.put("permit-" + each, NOTHING));
        for (String option : options) {
            int equals = option.indexOf('=');
            String name = equals < 0 ? option : option.substring(0, equals);
            String value = option.substring(equals + 1);
            if (equals > 0 && (name.equals("force-command") || name.equals("source-address"))) {
                if (name.equals("source-address")) {
                    List.of(value.split(",", -1)).forEach(Cidr::parse);
                }
                critical.put(name, new SshWriter().string(value).bytes());
            } else if (option.equals("clear")) {
                extensions.clear();
            } else if (option.equals("verify-required")) {
                critical.put(option, NOTHING);
            } else if (option.equals("no-touch-required")) {
                extensions.put(option, NOTHING);
            } else if (option.startsWith("no-") && USUAL.contains(option.substring(3))) {
                extensions.remove("permit-" + option.substring(3));
            } else if (option.startsWith("permit-") && USUAL.contains(option.substring(7))) {
                extensions.put(option, NOTHING);
            } else {
                throw new IllegalArgumentException("option " + option
                        + ": expected force-command=…, source-address=…, verify-required, no-touch-required, clear,"
                        + " permit-… or no-… of ssh-keygen");
            }
        }
    }
}
