package dev.ugate.model;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The far end of an accepted connection: addresses, the destination it had before capture, and who it proved to be.
 * {@code remote} is a Unix socket address for local sockets.
 */
public record Peer(
        SocketAddress remote,
        SocketAddress local,
        Optional<InetSocketAddress> originalDestination,
        Optional<Identity> identity) {

    public static Peer of(SocketAddress remote, SocketAddress local) {
        return new Peer(remote, local, Optional.empty(), Optional.empty());
    }

    /**
     * Whether the peer is on this machine: a Unix socket, a loopback address, or captured on its way out, which leads to a loopback
     * address of ours and nothing from elsewhere does.
     */
    public boolean isLocal() {
        return !(remote instanceof InetSocketAddress)
                || isLoopback(remote)
                || originalDestination.isPresent() && isLoopback(local);
    }

    private static boolean isLoopback(SocketAddress address) {
        return address instanceof InetSocketAddress inet
                && !inet.isUnresolved()
                && inet.getAddress().isLoopbackAddress();
    }

    /** The destination that it had before it was captured, as a target. */
    public Optional<HostPort> captured() {
        return originalDestination.map(original -> new HostPort(Ip.text(original.getAddress()), original.getPort()));
    }

    /** The same connection, which went elsewhere before it was captured. */
    public Peer capturedFrom(InetSocketAddress destination) {
        return new Peer(remote, local, Optional.of(destination), identity);
    }

    public Peer withIdentity(Identity proven) {
        return new Peer(remote, local, originalDestination, Optional.of(proven));
    }

    /** The same connection seen through a trusted PROXY header. */
    public Peer withAddresses(SocketAddress newRemote, SocketAddress newLocal) {
        return new Peer(newRemote, newLocal, originalDestination, identity);
    }

    /**
     * Whom a rule or a route means by {@code from}: {@code *}, {@code identified}, {@code local}, {@code unix}, a CIDR, or an identity, where
     * a SPIFFE id may hold {@code *} for one segment and {@code **} for every segment at the end. No regular expression and no partial
     * segment (T22).
     */
    public sealed interface Pattern {
        boolean matches(Peer peer);

        /** Whether one of the patterns matches; false for none. */
        static boolean any(List<Pattern> patterns, Peer peer) {
            for (int i = 0; i < patterns.size(); i++) {
                if (patterns.get(i).matches(peer)) {
                    return true;
                }
            }
            return false;
        }

        /** Reads one pattern; throws {@link IllegalArgumentException}. */
        static Pattern parse(String text) {
            if (text.equals("*")) {
                return new Anyone();
            }
            if (text.equals(Identified.WORD)) {
                return new Identified();
            }
            if (text.equals("unix")) {
                return new OnUnixSocket();
            }
            if (text.equals("local")) {
                return new OnThisMachine();
            }
            if (text.startsWith(SpiffeId.SCHEME)) {
                return new SpiffeId(text);
            }
            for (String form : Named.FORMS) {
                if (text.startsWith(form)) {
                    return new Named(text);
                }
            }
            String address = text.indexOf('/') < 0 ? text : text.substring(0, text.indexOf('/'));
            boolean bareNumber = address.indexOf('.') < 0 && address.indexOf(':') < 0;
            if (bareNumber || Ip.parse(address).isEmpty()) {
                throw new IllegalArgumentException(
                        "peer '" + text
                                + "': expected *, identified, local, unix, a cidr, spiffe://…, ssh:SHA256:…, key:… or user:NAME");
            }
            return new Within(Cidr.parse(text));
        }
    }

    /** Every peer, with or without an identity. */
    public record Anyone() implements Pattern {
        @Override
        public boolean matches(Peer peer) {
            return true;
        }

        @Override
        public String toString() {
            return "*";
        }
    }

    /** A peer that proved who it is, whoever that is. */
    public record Identified() implements Pattern {
        static final String WORD = "identified";

        @Override
        public boolean matches(Peer peer) {
            return peer.identity.isPresent();
        }

        @Override
        public String toString() {
            return WORD;
        }
    }

    /** A peer on this machine, captured ones too. */
    public record OnThisMachine() implements Pattern {
        @Override
        public boolean matches(Peer peer) {
            return peer.isLocal();
        }

        @Override
        public String toString() {
            return "local";
        }
    }

    /** A peer on a Unix socket. */
    public record OnUnixSocket() implements Pattern {
        @Override
        public boolean matches(Peer peer) {
            return !(peer.remote instanceof InetSocketAddress);
        }

        @Override
        public String toString() {
            return "unix";
        }
    }

    /** A peer whose remote address is in a block. */
    public record Within(Cidr block) implements Pattern {
        @Override
        public boolean matches(Peer peer) {
            return peer.remote instanceof InetSocketAddress remote
                    && !remote.isUnresolved()
                    && block.contains(remote.getAddress());
        }

        @Override
        public String toString() {
            return block.toString();
        }
    }

    /** A peer with exactly this identity; a node id may be written in lower case, as names of nodes are. */
    public record Named(String name) implements Pattern {
        private static final String KEY = "key:";
        private static final String[] FORMS = {"ssh:SHA256:", KEY, "user:"};

        public Named {
            if (name.endsWith(":") || name.indexOf('*') >= 0) {
                throw new IllegalArgumentException("peer '" + name + "': expected an exact name after the last colon");
            }
            if (name.startsWith(KEY)) {
                String id = name.substring(KEY.length()).toUpperCase(Locale.ROOT);
                if (!id.matches("[A-Z2-7]{52}")) {
                    throw new IllegalArgumentException(
                            "peer '" + name + "': expected a node id of 52 characters of Base32 after key:");
                }
                name = KEY + id;
            }
        }

        @Override
        public boolean matches(Peer peer) {
            return peer.identity.isPresent() && peer.identity.get().name().equals(name);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /** Peers whose SPIFFE id matches segment by segment, byte by byte. */
    public record SpiffeId(String pattern) implements Pattern {
        private static final String SCHEME = "spiffe://";

        public SpiffeId {
            String[] segments = pattern.substring(SCHEME.length()).split("/", -1);
            for (int i = 0; i < segments.length; i++) {
                if (!legal(segments[i], i == 0, i == segments.length - 1)) {
                    throw new IllegalArgumentException("peer '" + pattern + "': segment '" + segments[i]
                            + "': expected letters, digits, '.', '-', '_', or after the trust domain * or a last **");
                }
            }
        }

        @Override
        public boolean matches(Peer peer) {
            return peer.identity.isPresent() && matches(peer.identity.get().name());
        }

        @Override
        public String toString() {
            return pattern;
        }

        private boolean matches(String id) {
            if (!id.startsWith(SCHEME) || id.endsWith("/") || id.indexOf("//", SCHEME.length()) >= 0) {
                return false;
            }
            int mine = SCHEME.length();
            int other = mine;
            while (true) {
                int myEnd = end(pattern, mine);
                int otherEnd = end(id, other);
                int length = myEnd - mine;
                if (length == 2 && pattern.startsWith("**", mine)) {
                    return otherEnd > other;
                }
                boolean one = length == 1 && pattern.charAt(mine) == '*' && otherEnd > other;
                if (!one && (otherEnd - other != length || !pattern.regionMatches(mine, id, other, length))) {
                    return false;
                }
                if (myEnd == pattern.length() || otherEnd == id.length()) {
                    return myEnd == pattern.length() && otherEnd == id.length();
                }
                mine = myEnd + 1;
                other = otherEnd + 1;
            }
        }

        private static int end(String text, int from) {
            int slash = text.indexOf('/', from);
            return slash < 0 ? text.length() : slash;
        }

        private static boolean legal(String segment, boolean domain, boolean last) {
            if (segment.equals("*") || segment.equals("**")) {
                return !domain && (last || segment.length() == 1);
            }
            for (int i = 0; i < segment.length(); i++) {
                char c = segment.charAt(i);
                boolean letter = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' && !domain;
                if (!letter && !(c >= '0' && c <= '9') && c != '.' && c != '-' && c != '_') {
                    return false;
                }
            }
            return !segment.isEmpty() && !segment.equals(".") && !segment.equals("..");
        }
    }
}
