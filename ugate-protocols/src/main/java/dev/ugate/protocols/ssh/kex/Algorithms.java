package dev.ugate.protocols.ssh.kex;

import dev.ugate.protocols.ssh.keys.Method;
import dev.ugate.protocols.ssh.keys.Suite;
import java.util.List;

/** The key exchange methods and ciphers that one end is willing to use, in the order of preference. */
public record Algorithms(List<String> methods, List<String> ciphers) {
    public static final Algorithms STANDARD = new Algorithms(Method.labels(), Suite.labels());

    /** The same with these methods alone, in this order; with all that there are where it is empty. */
    public static Algorithms of(List<String> methods) {
        return methods.isEmpty() ? STANDARD : new Algorithms(methods, STANDARD.ciphers);
    }

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
