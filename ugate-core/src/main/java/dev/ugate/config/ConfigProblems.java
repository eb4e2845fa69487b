package dev.ugate.config;

import dev.ugate.config.yaml.Problem;
import java.util.List;
import java.util.stream.Collectors;

/** Everything that is wrong with a configuration, in the order of the file; the message has one line for each. */
public final class ConfigProblems extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<Problem> list;

    ConfigProblems(List<Problem> list) {
        super(list.stream().map(Problem::toString).collect(Collectors.joining("\n")), null, false, false);
        this.list = List.copyOf(list);
    }

    public List<Problem> list() {
        return list;
    }
}
