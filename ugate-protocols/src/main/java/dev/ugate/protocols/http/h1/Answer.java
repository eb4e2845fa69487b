package dev.ugate.protocols.http.h1;

import dev.ugate.model.Refused;
import dev.ugate.model.http.Fields;
import dev.ugate.protocols.http.semantics.Answers;
import dev.ugate.protocols.http.semantics.Intake;
import dev.ugate.protocols.http.wire.BodyFraming;
import dev.ugate.protocols.http.wire.BodyWriter;
import dev.ugate.protocols.http.wire.HeadWriter;
import dev.ugate.protocols.http.wire.Hop;
import dev.ugate.protocols.http.wire.RequestLine;
import dev.ugate.protocols.http.ws.WebSocketKey;
import dev.ugate.spi.Fin;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import org.jspecify.annotations.Nullable;

/** One answer as it goes out on its connection: heads, framed body, and whether the connection survives it. */
final class Answer {
    private final Outgoing out;
    private final RequestLine line;
    private final Intake intake;
    private final boolean announces;
    private boolean persistent;
    private boolean waits;
    private @Nullable BodyWriter body;

    /** {@code intake} signs what passes (RFC 9110 §7.6.3). */
    Answer(Outgoing out, RequestLine line, Hop hop, Intake intake) {
        this.out = out;
        this.line = line;
        this.intake = intake;
        this.persistent = hop.persists(line.minor());
        this.announces = persistent && line.minor() == 0;
        this.waits = hop.expectsContinue(line.minor());
    }

    /** Where it goes out. */
    Outgoing out() {
        return out;
    }

    /** Whether another request may follow on this connection. */
    boolean persistent() {
        return persistent;
    }

    /** The connection ends with this answer. */
    void isLast() {
        persistent = false;
    }

    /** What is answered. */
    RequestLine line() {
        return line;
    }

    boolean begun() {
        return body != null;
    }

    /** Whether the client has all of it already, told of its end or not. */
    boolean whole() {
        return body != null && body.whole();
    }

    /** Whether the client waits for 100 and may never send its body. */
    boolean clientWaits() {
        return waits;
    }

    /** A 1xx head, which HTTP/1.0 does not know (RFC 9110 §15.2). */
    void inform(int status, Fields fields) {
        if (line.minor() > 0 && !begun()) {
            waits &= status != 100;
            out.begin(HeadWriter.reply(alloc(), status).fields(fields).end());
            out.flush();
        }
    }

    /** The head, as in {@link dev.ugate.spi.Reply}. Throws {@link Refused} when a field is illegal, nothing written. */
    void head(int status, Fields fields, long length, String version) {
        boolean bodiless = line.isHead() || status == 204 || status == 304;
        BodyFraming framing =
                length >= 0 ? BodyFraming.of(length) : line.minor() > 0 ? BodyFraming.CHUNKED : BodyFraming.UNTIL_CLOSE;
        if (framing == BodyFraming.UNTIL_CLOSE && !bodiless) {
            persistent = false;
        }
        HeadWriter head = signed(HeadWriter.reply(alloc(), status).fields(fields), version);
        if (!fields.has("date")) {
            head.field("date", Answers.date());
        }
        if (status != 204 && (length >= 0 || !bodiless)) {
            head.framing(framing);
        }
        if (!persistent) {
            head.field("connection", "close");
        } else if (announces) {
            head.field("connection", "keep-alive");
        }
        body = bodiless ? BodyWriter.none() : BodyWriter.of(framing);
        out.begin(head.end());
    }

    /** The head after which the connection speaks WebSocket; throws {@link Refused} when a field is illegal, nothing written. */
    void switches(WebSocketKey key, Fields fields, String version) {
        HeadWriter head = HeadWriter.reply(alloc(), 101)
                .field("upgrade", WebSocketKey.PROTOCOL)
                .field("connection", "Upgrade")
                .field("sec-websocket-accept", key.accept())
                .fields(Hop.passing(fields)
                        .without(WebSocketKey.OF_THE_HOP::contains)
                        .build());
        out.begin(signed(head, version).end());
    }

    private HeadWriter signed(HeadWriter head, String version) {
        String via = intake.via(version);
        return via == null ? head : head.field("via", via);
    }

    /** A refusal, whole, which {@code others} go with; gives the bytes of its body. */
    long refused(int status, Refused why, Fields others) {
        String text = Answers.text(status, why);
        head(status, Answers.fields(status, why, others), text.length(), "");
        write(ByteBufUtil.writeAscii(alloc(), text));
        finish(Fin.FIN);
        return line.isHead() ? 0 : text.length();
    }

    /** Takes a part of the body. Throws {@link IllegalStateException} when it is more than was announced. */
    void write(ByteBuf content) {
        writer().write(content, out::write);
    }

    /** Ends the body. Throws {@link IllegalStateException} when it is less than was announced. */
    void finish(Fin fin) {
        writer().finish(alloc(), Hop.trailers(fin.trailers()), out::write);
    }

    private ByteBufAllocator alloc() {
        return out.channel().alloc();
    }

    private BodyWriter writer() {
        if (body == null) {
            throw new IllegalStateException("answer: no head yet");
        }
        return body;
    }
}
