package dev.ugate.protocols.tls;

import dev.ugate.model.Ip;
import dev.ugate.model.Refused;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What a client says first (RFC 8446 §4.1.2): all that is needed to decide where its connection goes.
 *
 * @param sni the server name in lower case without final dot (RFC 6066 §3); printable ASCII, not always a host name
 * @param alpn application protocols in the client's order (RFC 7301), without GREASE
 * @param versions the offered versions, 0x0304 for TLS 1.3, without GREASE
 * @param ech whether the hello is the outer one of an encrypted hello (RFC 9849), or GREASE of it
 */
record ClientHello(Optional<String> sni, List<String> alpn, List<Integer> versions, boolean ech) {
    private static final int SERVER_NAME = 0;
    private static final int ALPN = 16;
    private static final int SUPPORTED_VERSIONS = 43;
    private static final int ENCRYPTED_CLIENT_HELLO = 0xFE0D;

    ClientHello {
        alpn = List.copyOf(alpn);
        versions = List.copyOf(versions);
    }

    /** A field of a well-formed hello has a value that it may not have: alert 47 instead of 50. */
    static final class Illegal extends Exception {
        private static final long serialVersionUID = 1L;

        Illegal(String message) {
            super(message, null, false, false);
        }
    }

    /** Reads the body of a ClientHello message; throws {@link Refused} MALFORMED. */
    static ClientHello parse(byte[] body) throws Illegal {
        Reader in = new Reader(body);
        int legacy = in.u16();
        in.skip(32);
        in.vector(in.u8(), 32);
        Reader suites = in.vector(in.u16(), 0xFFFE);
        if (suites.left() < 2 || suites.left() % 2 != 0) {
            throw Refused.malformed("cipher suites of " + suites.left() + " bytes: expected pairs");
        }
        in.vector(in.u8(), 255);
        if (in.left() == 0) {
            return new ClientHello(Optional.empty(), List.of(), List.of(legacy), false);
        }
        Reader extensions = in.vector(in.u16(), 0xFFFF);
        in.end("client hello");
        return extensions(extensions, legacy);
    }

    private static ClientHello extensions(Reader in, int legacy) throws Illegal {
        Optional<String> sni = Optional.empty();
        List<String> alpn = List.of();
        List<Integer> versions = List.of(legacy);
        boolean ech = false;
        Set<Integer> seen = new HashSet<>();
        while (in.left() > 0) {
            int type = in.u16();
            Reader data = in.vector(in.u16(), 0xFFFF);
            if (!seen.add(type)) {
                throw new Illegal("extension " + type + ": expected once");
            }
            switch (type) {
                case SERVER_NAME -> sni = Optional.of(serverName(data));
                case ALPN -> alpn = protocols(data);
                case SUPPORTED_VERSIONS -> versions = versions(data);
                case ENCRYPTED_CLIENT_HELLO -> ech = data.left() > 0 && data.u8() == 0;
                default -> {}
            }
        }
        return new ClientHello(sni, alpn, versions, ech);
    }

    private static String serverName(Reader in) throws Illegal {
        Reader list = in.vector(in.u16(), 0xFFFF);
        in.end("server names");
        if (list.u8() != 0) {
            throw new Illegal("server name type: expected 0");
        }
        Reader name = list.vector(list.u16(), 255);
        if (list.left() > 0) {
            throw new Illegal("server names: expected one");
        }
        String text = name.text();
        if (text.endsWith(".")) {
            text = text.substring(0, text.length() - 1);
        }
        if (text.isEmpty() || !text.chars().allMatch(c -> c > 0x20 && c < 0x7F)) {
            throw new Illegal("server name: expected printable ASCII");
        }
        if (Ip.parse(text).isPresent()) {
            throw new Illegal("server name " + text + ": expected no address");
        }
        return text.toLowerCase(Locale.ROOT);
    }

    private static List<String> protocols(Reader in) {
        Reader list = in.vector(in.u16(), 0xFFFF);
        in.end("application protocols");
        List<String> names = new ArrayList<>();
        while (list.left() > 0) {
            Reader name = list.vector(list.u8(), 255);
            if (name.left() == 0) {
                throw Refused.malformed("application protocol: expected a name");
            }
            if (name.left() != 2 || !isGrease(name.peek16())) {
                names.add(name.text());
            }
        }
        if (names.size() > 64) {
            throw Refused.malformed("application protocols: expected at most 64");
        }
        return names;
    }

    private static List<Integer> versions(Reader in) {
        Reader list = in.vector(in.u8(), 255);
        in.end("supported versions");
        List<Integer> versions = new ArrayList<>();
        while (list.left() > 0) {
            int version = list.u16();
            if (!isGrease(version)) {
                versions.add(version);
            }
        }
        return versions;
    }

    /** RFC 8701 §2: 0x0A0A, 0x1A1A … 0xFAFA. */
    private static boolean isGrease(int value) {
        return (value & 0x0F0F) == 0x0A0A && value >> 8 == (value & 0xFF);
    }

    /** A cursor over bytes that never leaves its range. */
    private static final class Reader {
        private final byte[] bytes;
        private final int end;
        private int at;

        Reader(byte[] bytes) {
            this(bytes, 0, bytes.length);
        }

        private Reader(byte[] bytes, int at, int end) {
            this.bytes = bytes;
            this.at = at;
            this.end = end;
        }

        int left() {
            return end - at;
        }

        int u8() {
            skip(1);
            return bytes[at - 1] & 0xFF;
        }

        int u16() {
            skip(2);
            return (bytes[at - 2] & 0xFF) << 8 | bytes[at - 1] & 0xFF;
        }

        int peek16() {
            return (bytes[at] & 0xFF) << 8 | bytes[at + 1] & 0xFF;
        }

        void skip(int count) {
            if (left() < count) {
                throw Refused.malformed("client hello: ends inside a field");
            }
            at += count;
        }

        Reader vector(int length, int most) {
            if (length > most) {
                throw Refused.malformed("client hello: field of " + length + " bytes: expected at most " + most);
            }
            skip(length);
            return new Reader(bytes, at - length, at);
        }

        String text() {
            return new String(bytes, at, left(), StandardCharsets.ISO_8859_1);
        }

        void end(String what) {
            if (left() > 0) {
                throw Refused.malformed(what + ": " + left() + " bytes behind: expected none");
            }
        }
    }
}
