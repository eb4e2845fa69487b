package dev.ugate.protocols.http.h2;

import dev.ugate.model.Refused;
import dev.ugate.model.http.Fields;
import dev.ugate.protocols.http.h2.frame.FrameWriter;
import dev.ugate.protocols.http.h2.frame.HeadWriting;
import dev.ugate.protocols.http.hpack.HpackEncoder;
import dev.ugate.protocols.http.semantics.Answers;
import dev.ugate.protocols.http.semantics.Grpc;
import dev.ugate.protocols.http.semantics.Intake;
import dev.ugate.protocols.http.wire.Hop;
import dev.ugate.spi.Fin;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import org.jspecify.annotations.Nullable;

/** What a stream's client is told: heads, at most one of them final. The body goes through the stream's channel. */
final class Answer {
    private final H2Stream stream;
    private final To to;
    private final Intake intake;
    private boolean begun;

    /** What is answered, where that changes the answer. */
    enum To {
        ANY,
        /** Which gets no body. */
        HEAD,
        /** Of gRPC, whose refusal is a head alone. */
        CALL;

        /** Never CALL for CONNECT, whose 200 would begin a tunnel. */
        static To of(@Nullable String method, Fields fields) {
            if ("HEAD".equals(method)) {
                return HEAD;
            }
            return !"CONNECT".equals(method) && Grpc.isCall(fields) ? CALL : ANY;
        }
    }

    /** {@code intake} signs what passes (RFC 9110 §7.6.3). */
    Answer(H2Stream stream, To to, Intake intake) {
        this.stream = stream;
        this.to = to;
        this.intake = intake;
    }

    boolean begun() {
        return begun;
    }

    /** Whether it began, and is of a call that both sides hold: each may be silent for as long as the other is, which {@code replyIdle} bounds. */
    boolean holdsCall() {
        return begun && to == To.CALL;
    }

    /** A 1xx head. */
    void inform(int status, Fields fields) {
        Fields passing = Hop.passing(fields);
        if (!begun && !stream.closed() && HeadWriting.isLegal(passing)) {
            FrameWriter out = stream.engine().out();
            HeadWriting.fields(HeadWriting.answer(out, status), passing);
            out.headers(stream.id(), false);
            stream.engine().flushSoon();
        }
    }

    /** The final head, as in {@link dev.ugate.spi.Reply}. False when a field is illegal, nothing written then. */
    boolean head(int status, Fields fields, long length, String version) {
        Fields passing = Hop.passing(fields);
        if (!HeadWriting.isLegal(passing)) {
            return false;
        }
        begun = true;
        if (stream.closed()) {
            return true;
        }
        boolean bodiless = to == To.HEAD || status == 204 || status == 304;
        FrameWriter out = stream.engine().out();
        HpackEncoder block = HeadWriting.answer(out, status);
        HeadWriting.fields(block, passing);
        String via = intake.via(version);
        if (via != null) {
            block.field("via", via);
        }
        if (!passing.has("date")) {
            block.field("date", Answers.date());
        }
        if (length >= 0 && status != 204) {
            block.field("content-length", Long.toString(length));
        }
        out.headers(stream.id(), bodiless);
        if (bodiless) {
            stream.finished();
        } else {
            stream.out().announce(length);
        }
        stream.engine().flushSoon();
        return true;
    }

    /** The head that begins a tunnel, or what is carried as one: 200, without a length (RFC 9113 §8.5). */
    void established() {
        begun = true;
        if (!stream.closed()) {
            FrameWriter out = stream.engine().out();
            HeadWriting.answer(out, 200);
            out.headers(stream.id(), false);
            stream.out().announce(-1);
            stream.engine().flushSoon();
        }
    }

    /** A refusal of a tunnel of the mesh: a head alone. */
    void refusedInMesh(Refused why) {
        if (begun || stream.closed()) {
            return;
        }
        begun = true;
        FrameWriter out = stream.engine().out();
        HpackEncoder block = HeadWriting.answer(out, Answers.inMesh(why.reason()));
        HeadWriting.fields(block, Answers.reasonAlone(why));
        alone(out);
    }

    /** Octets of the body of a refusal. */
    long body(int status, Refused why) {
        return to == To.ANY ? Answers.text(status, why).length() : 0;
    }

    /** A refusal, whole, which {@code others} go with unless it is that of a call; gives the bytes of its body. */
    long refused(int status, Refused why, Fields others) {
        if (begun || stream.closed()) {
            return 0;
        }
        if (to == To.CALL) {
            refusedCall(status, why);
            return 0;
        }
        String text = Answers.text(status, why);
        head(status, Answers.fields(status, why, others), text.length(), "");
        ByteBuf body = ByteBufUtil.writeAscii(stream.child().alloc(), text);
        stream.child().write(body);
        stream.child().writeAndFlush(Fin.FIN);
        return body(status, why);
    }

    private void refusedCall(int status, Refused why) {
        begun = true;
        FrameWriter out = stream.engine().out();
        HpackEncoder block = HeadWriting.answer(out, Grpc.STATUS);
        HeadWriting.fields(block, Grpc.refusal(status, why));
        block.field("date", Answers.date());
        alone(out);
    }

    /** The head that was written is the whole answer. */
    private void alone(FrameWriter out) {
        out.headers(stream.id(), true);
        stream.finished();
        stream.flush();
    }
}
