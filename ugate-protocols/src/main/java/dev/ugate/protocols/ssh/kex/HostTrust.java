package dev.ugate.protocols.ssh.kex;

import dev.ugate.model.Refused;
import java.util.List;

/** A client's judgement of the host key of one connection. */
public interface HostTrust {
    /** Host key algorithms in the order of preference, those whose key is known for the host first. */
    List<String> algorithms();

    /**
     * Judges the key, and that it signed {@code data}. Asked at every key exchange of the connection; the key is the same each time.
     *
     * @param signature as the wire has it: algorithm, then its bytes
     * @throws Refused if the host is not who it should be
     */
    void verify(String algorithm, byte[] blob, byte[] data, byte[] signature);
}
