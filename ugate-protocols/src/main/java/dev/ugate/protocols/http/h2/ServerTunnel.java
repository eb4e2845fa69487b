package dev.ugate.protocols.http.h2;

import dev.ugate.model.Intent;
import dev.ugate.model.Refused;
import dev.ugate.model.http.Fields;
import dev.ugate.protocols.http.h2.frame.Code;
import dev.ugate.protocols.http.semantics.Answers;
import dev.ugate.protocols.http.semantics.Disclosure;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Stream;
import io.netty.channel.Channel;

/** A CONNECT: the bytes of its DATA are those of the tunnel, both ways (RFC 9113 §8.5). */
final class ServerTunnel implements Stream, Owner {
    private final H2Stream stream;
    private final Intent intent;
    private final Answer answer;
    private boolean refused;

    ServerTunnel(H2Stream stream, Intent intent, Answer answer) {
        this.stream = stream;
        this.intent = intent;
        this.answer = answer;
    }

    @Override
    public Intent intent() {
        return intent;
    }

    @Override
    public Channel channel() {
        return stream.child();
    }

    @Override
    public void accepted(Channel upstream) {
        answer.established();
    }

    @Override
    public void refused(Refused why) {
        refused = true;
        boolean mesh = stream.engine().role().isMesh();
        int status = mesh ? Answers.inMesh(why.reason()) : Answers.status(why.reason(), true);
        Refused told = Disclosure.of(why, status, intent.fields(), Connection.of(stream.child()));
        if (mesh) {
            answer.refusedInMesh(told);
        } else {
            answer.refused(status, told, Fields.NONE);
        }
    }

    @Override
    public void head(HeaderBlock block, boolean end) {
        stream.trailers(block, end);
    }

    @Override
    public void said() {
        if (refused) {
            stream.discard();
        }
    }

    @Override
    public void broken(Refused why, boolean untouched) {
        // The channel closes, and that is what the relay looks at.
    }

    @Override
    public boolean readsOn() {
        return answer.begun() && !refused;
    }

    /** A tunnel may be silent (L23 is the relay's). */
    @Override
    public void silent(long nanos) {}

    @Override
    public Code abandons() {
        return Code.CONNECT_ERROR;
    }
}
