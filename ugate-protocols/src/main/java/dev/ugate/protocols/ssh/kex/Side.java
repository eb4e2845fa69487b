package dev.ugate.protocols.ssh.kex;

import java.util.List;

/** Which end of a connection this is, and what it brings for that. */
public sealed interface Side {
    List<String> hostKeyAlgorithms();

    /**
     * The end that shows a host key.
     *
     * @param extensions what clients that ask are told (RFC 8308): names and values
     */
    record Server(HostKeys keys, List<Extension> extensions) implements Side {
        public Server {
            extensions = List.copyOf(extensions);
        }

        @Override
        public List<String> hostKeyAlgorithms() {
            return keys.algorithms();
        }
    }

    /** The end that judges it. */
    record Client(HostTrust trust) implements Side {
        @Override
        public List<String> hostKeyAlgorithms() {
            return trust.algorithms();
        }
    }

    /** One line of an EXT_INFO. */
    record Extension(String name, String value) {
        public static final Extension PING = new Extension("ping@openssh.com", "0");
    }
}
