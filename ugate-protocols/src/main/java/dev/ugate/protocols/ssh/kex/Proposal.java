package dev.ugate.protocols.ssh.kex;

import dev.ugate.protocols.ssh.wire.Wire;
import io.netty.buffer.ByteBuf;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;

/**
 * What one end offers in its KEXINIT (RFC 4253 §7.1), as far as it is looked at.
 *
 * @param guesses whether the first message of the first method follows at once
 */
record Proposal(
        List<String> methods,
        List<String> hostKeys,
        List<String> ciphersOut,
        List<String> ciphersIn,
        List<String> compressions,
        boolean guesses) {
    static final String STRICT_CLIENT = "kex-strict-c-v00@openssh.com";
    static final String STRICT_SERVER = "kex-strict-s-v00@openssh.com";
    static final String EXTENSIONS_CLIENT = "ext-info-c";
    static final String EXTENSIONS_SERVER = "ext-info-s";

    private static final int COOKIE = 16;

    /** Never used, since each of our ciphers authenticates by itself, but there has to be a list. */
    private static final List<String> MACS = List.of("hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com");

    private static final List<String> UNCOMPRESSED = List.of("none");

    /** Behind the number of the message. {@code ciphersOut} are those from the client to the server, whoever offers. */
    static Proposal read(ByteBuf in) {
        Wire.skip(in, COOKIE);
        List<String> methods = Wire.nameList(in);
        List<String> hostKeys = Wire.nameList(in);
        List<String> out = Wire.nameList(in);
        List<String> back = Wire.nameList(in);
        Wire.nameList(in);
        Wire.nameList(in);
        List<String> compressions = new ArrayList<>(Wire.nameList(in));
        compressions.retainAll(Wire.nameList(in));
        Wire.nameList(in);
        Wire.nameList(in);
        boolean guesses = Wire.bool(in);
        Wire.u32(in);
        Wire.end(in);
        return new Proposal(methods, hostKeys, out, back, compressions, guesses);
    }

    /** Ours; {@code first}: in the first exchange of the connection, whose list has the markers. */
    static Proposal own(Algorithms algorithms, List<String> hostKeys, boolean server, boolean first) {
        List<String> methods = new ArrayList<>(algorithms.methods());
        if (first) {
            methods.add(server ? EXTENSIONS_SERVER : EXTENSIONS_CLIENT);
            methods.add(server ? STRICT_SERVER : STRICT_CLIENT);
        }
        return new Proposal(methods, hostKeys, algorithms.ciphers(), algorithms.ciphers(), UNCOMPRESSED, false);
    }

    /** Behind the number of the message. */
    void write(ByteBuf out, SecureRandom random) {
        byte[] cookie = new byte[COOKIE];
        random.nextBytes(cookie);
        out.writeBytes(cookie);
        Wire.nameList(out, methods);
        Wire.nameList(out, hostKeys);
        Wire.nameList(out, ciphersOut);
        Wire.nameList(out, ciphersIn);
        Wire.nameList(out, MACS);
        Wire.nameList(out, MACS);
        Wire.nameList(out, compressions);
        Wire.nameList(out, compressions);
        Wire.nameList(out, List.of());
        Wire.nameList(out, List.of());
        Wire.bool(out, guesses);
        out.writeInt(0);
    }

    boolean isStrict(boolean server) {
        return methods.contains(server ? STRICT_SERVER : STRICT_CLIENT);
    }
}
