package dev.ugate.testing;

import dev.ugate.model.Refused;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Journal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A journal that keeps what it is told, in order; safe to read from the test's thread. */
public final class Notes implements Journal {
    private final List<String> detected = Collections.synchronizedList(new ArrayList<>());
    private final List<Refused> failed = Collections.synchronizedList(new ArrayList<>());
    private final List<Told> told = Collections.synchronizedList(new ArrayList<>());
    private final List<String> limits = Collections.synchronizedList(new ArrayList<>());
    private final List<Ended> ended = Collections.synchronizedList(new ArrayList<>());

    /** Keys of the limits that were reached. */
    public List<String> limits() {
        return List.copyOf(limits);
    }

    /** Protocol words of the detected connections. */
    public List<String> detected() {
        return List.copyOf(detected);
    }

    public List<Refused> failed() {
        return List.copyOf(failed);
    }

    /** How many bytes those that failed were told why in. */
    public List<Long> told() {
        return List.copyOf(told).stream().map(Told::bytes).toList();
    }

    /** The statuses that those that failed were told why with. */
    public List<Integer> statuses() {
        return List.copyOf(told).stream().map(Told::status).toList();
    }

    public List<Ended> ended() {
        return List.copyOf(ended);
    }

    @Override
    public void detected(Connection connection, String protocol, Duration waited) {
        detected.add(protocol);
    }

    @Override
    public void failed(Connection connection, String protocol, Refused why, Told answer) {
        failed.add(why);
        told.add(answer);
    }

    @Override
    public void ended(Ended stream) {
        ended.add(stream);
    }

    @Override
    public void limited(String limit) {
        limits.add(limit);
    }
}
