package dev.ugate.model.ssh;

import dev.ugate.model.HostPort;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What whoever holds a key may not do, beyond what policy says.
 *
 * @param forwarding whether connections may be carried at all
 * @param open the only targets, where there are any
 * @param listen the only addresses to be reached by, where there are any
 * @param command run for every session whatever it asks for
 */
public record Restrictions(boolean forwarding, List<Permit> open, List<Permit> listen, Optional<String> command) {
    public static final Restrictions NONE = new Restrictions(true, List.of(), List.of(), Optional.empty());

    /**
     * A target, or an address to listen on.
     *
     * @param host a name, an address, or {@code *} for every one
     * @param port zero for every one
     */
    public record Permit(String host, int port) {
        private static final String ANY = "*";
        private static final int MOST = 65535;

        public Permit {
            host = host.toLowerCase(Locale.ROOT);
        }

        /** Reads {@code host:port}, {@code [v6]:port}, and, where that may be left out, {@code port} alone; {@code *} is any port. */
        static Permit parse(String text, boolean bare) {
            int colon = text.lastIndexOf(':');
            if (colon < 0 && !bare || colon == 0) {
                throw new IllegalArgumentException("permit '" + text + "': expected host:port");
            }
            String host = colon < 0 ? ANY : text.substring(0, colon);
            boolean bracketed = host.startsWith("[") && host.endsWith("]");
            if (!bracketed && host.indexOf(':') >= 0) {
                throw new IllegalArgumentException("permit '" + text + "': expected [address]:port");
            }
            return new Permit(
                    bracketed ? host.substring(1, host.length() - 1) : host, port(text, text.substring(colon + 1)));
        }

        private static int port(String text, String port) {
            int number = port.equals(ANY) ? 0 : port.matches("[0-9]{1,5}") ? Integer.parseInt(port) : -1;
            if (number < 0 || number > MOST || number == 0 && !port.equals(ANY)) {
                throw new IllegalArgumentException("permit '" + text + "': port: expected 1 to 65535 or *");
            }
            return number;
        }

        private boolean allows(String otherHost, int otherPort) {
            return (port == 0 || port == otherPort)
                    && (host.equals(ANY) || host.equals(otherHost.toLowerCase(Locale.ROOT)));
        }

        /** A host to listen on may be a pattern. */
        private boolean allowsListening(String otherHost, int otherPort) {
            return (port == 0 || port == otherPort) && Wildcard.matches(host, otherHost.toLowerCase(Locale.ROOT));
        }
    }

    public Restrictions {
        open = List.copyOf(open);
        listen = List.copyOf(listen);
    }

    /** Whether a connection to {@code target} may be carried, as far as the key is concerned. */
    public boolean mayOpen(HostPort target) {
        return forwarding
                && (open.isEmpty() || open.stream().anyMatch(each -> each.allows(target.host(), target.port())));
    }

    /** Whether its holder may be reached by {@code host} and {@code port}, as the request has them. */
    public boolean mayListen(String host, int port) {
        return forwarding && (listen.isEmpty() || listen.stream().anyMatch(each -> each.allowsListening(host, port)));
    }

    /** Whether a connection to a Unix socket may be carried: none of the targets is one. */
    public boolean mayOpenSocket() {
        return forwarding && open.isEmpty();
    }

    /** Whether a Unix socket may be listened on. */
    public boolean mayListenOnSocket() {
        return forwarding && listen.isEmpty();
    }

    /** What both leave; of certificates, which name no targets, and of the lines of their authorities. */
    public Restrictions and(Restrictions other) {
        return new Restrictions(
                forwarding && other.forwarding,
                Stream.concat(open.stream(), other.open.stream()).toList(),
                Stream.concat(listen.stream(), other.listen.stream()).toList(),
                command.or(other::command));
    }
}
