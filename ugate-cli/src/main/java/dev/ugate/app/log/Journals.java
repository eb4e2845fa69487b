package dev.ugate.app.log;

import dev.ugate.model.Refused;
import dev.ugate.net.Admission;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Journal;
import java.time.Duration;
import java.util.List;

/** Tells every journal in turn, and books what a source did wrong before it had an intent (L5). */
public record Journals(List<Journal> all, Admission admission) implements Journal {
    @Override
    public void detected(Connection connection, String protocol, Duration waited) {
        all.forEach(journal -> journal.detected(connection, protocol, waited));
    }

    @Override
    public void failed(Connection connection, String protocol, Refused why, Told told) {
        admission.penalise(connection.peer(), why.reason());
        all.forEach(journal -> journal.failed(connection, protocol, why, told));
    }

    @Override
    public void limited(String key) {
        all.forEach(journal -> journal.limited(key));
    }

    @Override
    public void ended(Ended stream) {
        all.forEach(journal -> journal.ended(stream));
    }
}
