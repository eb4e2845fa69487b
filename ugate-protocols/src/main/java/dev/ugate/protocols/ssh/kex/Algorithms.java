package dev.ugate.protocols.ssh.kex;

import dev.ugate.protocols.ssh.keys.Method;
import dev.ugate.protocols.ssh.keys.Suite;
import java.util.List;

/** The key exchange methods and ciphers that one end is willing to use, in the order of preference. */
public record Algorithms(List<String> methods, List<String> ciphers) {
    public static final Algorithms STANDARD = new Algorithms(Method.labels(), Suite.labels());

    public Algorithms {
        methods = List.copyOf(methods);
        ciphers = List.copyOf(ciphers);
    }

    /** The same without the ciphers that need a strict key exchange (T69). */
    Algorithms lenient() {
        return new Algorithms(
                methods,
                ciphers.stream()
                        .filter(cipher -> Suite.of(cipher).countsByItself())
                        .toList());
    }
}
