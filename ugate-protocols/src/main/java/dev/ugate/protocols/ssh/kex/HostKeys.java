package dev.ugate.protocols.ssh.kex;

import java.util.List;

/** The host keys of a server, as one connection sees them: they do not change while it lives. */
public interface HostKeys {
    /** Host key algorithms in the order of preference. */
    List<String> algorithms();

    /** The public key, or the certificate, that goes with the algorithm. */
    byte[] blob(String algorithm);

    /** A signature over {@code data}, as the wire has it: algorithm, then its bytes. */
    byte[] sign(String algorithm, byte[] data);
}
