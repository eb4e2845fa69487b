package dev.ugate.discovery;

import dev.ugate.model.Discovery;
import java.util.ArrayList;
import java.util.List;

/** THE ordered registry of sources: a line per source, by the word of {@code discovery.chain}. */
public final class Sources {
    private static final List<Source> ALL = List.of(
            new Source("config", (setup, rest) -> new StaticServices(setup.services(), rest)),
            new Source("dns", (setup, rest) -> setup.dns()));

    private Sources() {}

    /** One source: its word and how it is opened. */
    private record Source(String name, Factory factory) {}

    /** Opens a source; {@code rest} is the part of the chain behind it, for names that the source refers to. */
    @FunctionalInterface
    private interface Factory {
        Discovery open(Setup setup, Discovery rest);
    }

    /** The words that a chain may name, in the order of the standard chain. */
    public static List<String> names() {
        return ALL.stream().map(Source::name).toList();
    }

    /**
     * The chain that asks the named sources in this order. A chain holds no threads or sockets of its own: a reload makes a new one
     * and drops the old. Throws {@link IllegalArgumentException} for an unknown or repeated word and for services that contradict
     * each other.
     */
    public static Chain chain(List<String> names, Setup setup) {
        if (List.copyOf(names).stream().distinct().count() < names.size()) {
            throw new IllegalArgumentException("chain " + names + ": expected each source once");
        }
        List<InOrder.Named> sources = new ArrayList<>();
        InOrder rest = new InOrder(sources);
        for (int i = names.size() - 1; i >= 0; i--) {
            String name = names.get(i);
            sources.add(0, new InOrder.Named(name, source(name).factory().open(setup, rest)));
            rest = new InOrder(sources);
        }
        return new Chain(rest, setup.timeout(), setup.timer());
    }

    private static Source source(String name) {
        for (Source source : ALL) {
            if (source.name().equals(name)) {
                return source;
            }
        }
        throw new IllegalArgumentException("source " + name + ": unknown: expected " + String.join(", ", names()));
    }
}
