package dev.ugate.protocols.http.h1;

import dev.ugate.model.Intent;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.http.Fields;
import dev.ugate.net.foreign.ForeignChannel;
import dev.ugate.protocols.http.semantics.Answers;
import dev.ugate.protocols.http.semantics.Disclosure;
import dev.ugate.protocols.http.semantics.Intake;
import dev.ugate.protocols.http.semantics.Pace;
import dev.ugate.protocols.http.wire.BodyFraming;
import dev.ugate.protocols.http.wire.Hop;
import dev.ugate.protocols.http.wire.Incoming;
import dev.ugate.protocols.http.wire.Rejected;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Exchange;
import dev.ugate.spi.Fin;
import dev.ugate.spi.Request;
import dev.ugate.spi.Settings;
import io.netty.buffer.ByteBuf;
import java.util.Optional;

/** One request on a server connection and its answer; its channel is a child that the connection outlives. */
final class ServerExchange implements Exchange, ForeignChannel.Far {
    private enum Stage {
        ASKED,
        ANSWERING,
        ANSWERED,
        GONE
    }

    private final ServerConnection connection;
    private final Intake.Asked asked;
    private final Request request;
    private final ForeignChannel child;
    private final RequestBody body;
    private final Answer answer;
    private Stage stage = Stage.ASKED;

    ServerExchange(ServerConnection connection, Intake.Asked asked, BodyFraming framing, Answer answer) {
        this.connection = connection;
        this.asked = asked;
        this.answer = answer;
        Settings settings = Connection.of(connection.channel()).ingress().settings();
        this.body = new RequestBody(framing, new Pace(settings.limits(), settings.timeouts()));
        this.child = new ForeignChannel(connection.channel(), this);
        this.request = asked.request(framing.length(), Optional.empty(), child);
        child.lend(connection.channel().eventLoop());
        if (body.done()) {
            child.offer(Fin.FIN);
        }
    }

    /** Whether the request has come whole. */
    boolean received() {
        return body.done();
    }

    /** Whether the answer went out whole. */
    boolean answered() {
        return stage == Stage.ANSWERED;
    }

    /** Whether nothing was answered yet. */
    boolean isOpen() {
        return stage == Stage.ASKED;
    }

    Answer answer() {
        return answer;
    }

    /** Whether more of the request came after the answer than may. */
    boolean overdrawn() {
        return body.overdrawn();
    }

    /** Whether whoever reads the body has caught up. */
    boolean hungry() {
        return stage == Stage.ANSWERED || child.waiting() == 0;
    }

    /** Consumes what belongs to the body; false when nothing could be. Throws {@code Rejected}. */
    boolean feed(Incoming<?> incoming) {
        int before = incoming.readable();
        if (body.done() || before == 0) {
            return false;
        }
        if (stage == Stage.ANSWERED) {
            body.drain(incoming);
        } else {
            body.read(incoming, child::offer, now());
            if (body.done()) {
                child.offer(Fin.with(body.trailers()));
            }
            child.ready();
        }
        return incoming.readable() < before;
    }

    /** Nanoseconds until the client is too slow with its body. */
    long patience() {
        boolean free = answer.clientWaits() || stage != Stage.ASKED && !body.measured();
        return body.patience(free, now());
    }

    /** The client is not waited for. */
    void rests() {
        body.rests(now());
    }

    private long now() {
        return child.eventLoop().ticker().nanoTime();
    }

    /** The connection answers this itself with so many bytes, unless an answer began. */
    void givenUp(Rejected why, long bytes) {
        child.attr(Exchange.GIVEN_UP)
                .set(new Exchange.GivenUp(why.status(), why.why().in("http"), bytes));
    }

    /** The connection can take more of the answer. */
    void writable() {
        child.resume();
    }

    /** Lets go of the child: the exchange is over, or the client is gone. */
    void end() {
        stage = Stage.GONE;
        child.close();
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
        if (stage == Stage.ASKED) {
            answer.inform(status, fields);
            connection.wanted();
        }
    }

    @Override
    public void reply(int status, Fields fields, long length, String version) {
        if (stage != Stage.ASKED) {
            return;
        }
        stage = Stage.ANSWERING;
        closeUnlessBodyFollows();
        try {
            answer.head(status, Hop.passing(fields), length, version);
            // A head whose body takes its time is not kept back for it.
            connection.out().flush();
            connection.wanted();
        } catch (Refused illegal) {
            stage = Stage.ASKED;
            refused(Refused.because(Refusal.INTERNAL, "reply: " + illegal.text()));
        }
    }

    /**
     * A client that waits for 100 and hears a final status may leave its body out: nobody knows where the next request begins. One whose
     * body is long, or nobody knows how long, is told that nobody will wait for its end (T39).
     */
    private void closeUnlessBodyFollows() {
        if (!body.fewToDrain() || answer.clientWaits() && !body.done()) {
            answer.isLast();
        }
    }

    @Override
    public long refused(Refused why, Fields fields) {
        if (stage != Stage.ASKED) {
            return 0;
        }
        closeUnlessBodyFollows();
        int status = Answers.status(why.reason(), asked.target());
        long bytes = answer.refused(status, Disclosure.of(why, status, asked.fields(), Connection.of(child)), fields);
        stage = Stage.ANSWERED;
        flush();
        return bytes;
    }

    @Override
    public int write(ByteBuf bytes) {
        if (!connection.isWritable()) {
            return 0;
        }
        int length = bytes.readableBytes();
        if (stage == Stage.ANSWERING && length > 0) {
            try {
                // The second owner is the connection's outbound buffer.
                answer.write(bytes.retain());
            } catch (IllegalStateException | OutOfMemoryError wrong) {
                connection.broken(this, wrong);
            }
        }
        return length;
    }

    @Override
    public void finish(Fin fin) {
        if (stage == Stage.ANSWERING) {
            try {
                answer.finish(fin);
                stage = Stage.ANSWERED;
            } catch (IllegalStateException | Refused | OutOfMemoryError wrong) {
                connection.broken(this, wrong);
            }
        }
    }

    @Override
    public void flush() {
        connection.out().flush();
        if (stage == Stage.ANSWERED) {
            connection.answered(this);
        }
    }

    @Override
    public void read() {
        connection.wanted();
    }

    @Override
    public void close() {
        if (stage == Stage.ANSWERING && answer.whole()) {
            finish(Fin.FIN);
            flush();
        } else if (stage == Stage.ASKED || stage == Stage.ANSWERING) {
            stage = Stage.GONE;
            connection.abort();
        }
    }
}
