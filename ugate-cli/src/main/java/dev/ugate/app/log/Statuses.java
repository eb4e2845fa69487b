package dev.ugate.app.log;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Shape;
import dev.ugate.protocols.http.semantics.Answers;
import dev.ugate.spi.Journal.Ended;

/** The HTTP status that a stream's end amounts to. */
final class Statuses {
    private static final int OK = 200;
    private static final int REQUEST_TIMEOUT = 408;
    private static final int UNAUTHORIZED = 401;

    private Statuses() {}

    /** What was answered; for a refusal what it is said with, for a stream of bytes what CONNECT would have been told. */
    static int of(Ended stream) {
        if (stream.answered().isPresent()) {
            return stream.answered().get().status();
        }
        return stream.refused().map(why -> of(stream, why)).orElse(OK);
    }

    private static int of(Ended stream, Refused why) {
        boolean unknown = AccessLog.isUnknown(stream.intent());
        if (unknown && why.reason() == Refusal.TIMED_OUT) {
            return REQUEST_TIMEOUT;
        }
        boolean origin = "origin".equals(stream.intent().labels().get("form"));
        if (why.reason() == Refusal.UNAUTHENTICATED && origin) {
            return UNAUTHORIZED;
        }
        return Answers.status(why.reason(), stream.intent().shape() != Shape.MESSAGES);
    }
}
