package dev.ugate.protocols.http.h2;

import dev.ugate.model.Intent;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.http.Fields;
import dev.ugate.protocols.http.h2.frame.Code;
import dev.ugate.protocols.http.semantics.Answers;
import dev.ugate.protocols.http.semantics.Disclosure;
import dev.ugate.protocols.http.semantics.Grpc;
import dev.ugate.protocols.http.semantics.Intake;
import dev.ugate.protocols.http.semantics.Pace;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Exchange;
import dev.ugate.spi.Request;
import dev.ugate.spi.Settings;
import java.time.Duration;

/** One request and its answer on a stream. */
final class ServerExchange implements Exchange, Owner {
    private static final int CONTINUE = 100;
    private static final int REQUEST_TIMEOUT = 408;
    private static final int UPGRADED = 200;

    private final H2Stream stream;
    private final Intake.Asked asked;
    private final Request request;
    private final Answer answer;
    private boolean upgraded;

    ServerExchange(H2Stream stream, Intake.Asked asked, Request request, Answer answer) {
        this.stream = stream;
        this.asked = asked;
        this.request = request;
        this.answer = answer;
        if (request.length() != 0
                && request.upgrade().isEmpty()
                // The messages of a call have a pace of their own.
                && !Grpc.isCall(request.fields())
                && !request.fields().has("expect")) {
            pace();
        }
    }

    /** From now on the client has to send as fast as it must (L17). */
    private void pace() {
        Settings settings = settings();
        Pace pace = new Pace(settings.limits(), settings.timeouts());
        stream.remote().paced(pace, stream.engine().now());
    }

    private Settings settings() {
        return Connection.of(stream.child()).ingress().settings();
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
        if (status == CONTINUE && request.fields().has("expect")) {
            pace();
        }
    }

    @Override
    public void reply(int status, Fields fields, long length, String version) {
        upgraded = status == UPGRADED && request.upgrade().isPresent();
        if (!answer.begun() && !answer.head(status, fields, length, version)) {
            refused(Refused.because(Refusal.INTERNAL, "reply: illegal field"));
        }
    }

    @Override
    public long refused(Refused why, Fields fields) {
        int status = Answers.status(why.reason(), asked.target());
        return answer.refused(
                status, Disclosure.of(why, status, asked.fields(), Connection.of(stream.child())), fields);
    }

    @Override
    public void head(HeaderBlock block, boolean end) {
        stream.trailers(block, end);
    }

    /** Nobody wants the rest of an answered request; a protocol that was upgraded to goes on, and its reader may be slow (RFC 8441). */
    @Override
    public void said() {
        if (upgraded) {
            return;
        }
        if (stream.in().over()) {
            stream.child().close();
        } else {
            stream.discard();
        }
    }

    @Override
    public void broken(Refused why, boolean untouched) {
        // The channel closes, and that is what the gate looks at.
    }

    @Override
    public void silent(long nanos) {
        Settings settings = settings();
        Duration limit = settings.timeouts().exchange().bodyIdle();
        boolean dribbles =
                !isConversation() && stream.remote().patience(stream.engine().now()) <= 0;
        if (request.upgrade().isPresent() || answer.holdsCall() || nanos < limit.toNanos() && !dribbles) {
            return;
        }
        Refused why = Refused.because(
                Refusal.TIMED_OUT,
                nanos < limit.toNanos()
                        ? "limit minBodyRate: body slower than "
                                + settings.limits().minBodyRate() + " octets a second"
                        : "limit bodyIdle: no octet of the body within " + limit.toMillis() + "ms");
        if (answer.begun()) {
            stream.reset(Code.CANCEL, why.in("http"));
        } else {
            giveUp(why);
        }
    }

    /** An answer that began before a request of unknown length ended: each side may wait for the other. */
    private boolean isConversation() {
        return answer.begun() && request.length() < 0;
    }

    private void giveUp(Refused why) {
        long bytes = answer.body(REQUEST_TIMEOUT, why);
        stream.child().attr(Exchange.GIVEN_UP).set(new Exchange.GivenUp(REQUEST_TIMEOUT, why.in("http"), bytes));
        answer.refused(REQUEST_TIMEOUT, why, Fields.NONE);
    }

    @Override
    public Code abandons() {
        return Code.INTERNAL_ERROR;
    }
}
