package dev.ugate.protocols.http.h2;

import dev.ugate.model.Intent;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.http.Fields;
import dev.ugate.protocols.http.h2.frame.Code;
import dev.ugate.protocols.http.semantics.Answers;
import dev.ugate.protocols.http.semantics.Intake;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Exchange;
import dev.ugate.spi.Request;
import java.time.Duration;

/** One request and its answer on a stream. */
final class ServerExchange implements Exchange, Owner {
    private final H2Stream stream;
    private final Intake.Asked asked;
    private final Request request;
    private final Answer answer;

    ServerExchange(H2Stream stream, Intake.Asked asked, Request request, Answer answer) {
        this.stream = stream;
        this.asked = asked;
        this.request = request;
        this.answer = answer;
    }

    @Override
    public Intent intent() {
        return asked.intent();
    }

    @Override
    public Request request() {
        return request;
    }

    @Override
    public void inform(int status, Fields fields) {
        answer.inform(status, fields);
    }

    @Override
    public void reply(int status, Fields fields, long length) {
        if (!answer.begun() && !answer.head(status, fields, length)) {
            refused(Refused.because(Refusal.INTERNAL, "reply: illegal field"));
        }
    }

    @Override
    public void refused(Refused why) {
        answer.refused(Answers.status(why.reason(), asked.target()), why);
    }

    @Override
    public void head(HeaderBlock block, boolean end) {
        stream.trailers(block, end);
    }

    /** Nobody wants the rest of an answered request; a protocol that was upgraded to goes on (RFC 8441). */
    @Override
    public void said() {
        if (stream.in().over()) {
            stream.child().close();
        } else if (request.upgrade().isEmpty()) {
            stream.discard();
        }
    }

    @Override
    public void broken(Refused why, boolean untouched) {
        // The channel closes, and that is what the gate looks at.
    }

    @Override
    public void silent(long nanos) {
        Duration limit = Connection.of(stream.child())
                .ingress()
                .settings()
                .timeouts()
                .exchange()
                .bodyIdle();
        if (request.upgrade().isPresent() || nanos < limit.toNanos()) {
            return;
        }
        if (answer.begun()) {
            stream.reset(Code.CANCEL);
        } else {
            answer.refused(408, Refused.because(Refusal.TIMED_OUT, "body: no byte within " + limit.toSeconds() + "s"));
        }
    }

    @Override
    public Code abandons() {
        return Code.INTERNAL_ERROR;
    }
}
