package dev.ugate.protocols.http.h2;

import dev.ugate.model.HostPort;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.http.Fields;
import dev.ugate.protocols.http.h2.frame.Code;
import dev.ugate.protocols.http.h2.frame.FrameWriter;
import dev.ugate.protocols.http.h2.frame.HeadWriting;
import dev.ugate.protocols.http.hpack.HpackEncoder;
import dev.ugate.spi.Fin;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Promise;
import java.util.Optional;

/** A CONNECT to an upstream: once it said 2xx, the bytes of DATA are those of the tunnel (RFC 9113 §8.5). */
final class ClientTunnel implements Owner {
    private final H2Stream stream;
    private final Promise<Channel> opened;

    ClientTunnel(H2Stream stream, Promise<Channel> opened) {
        this.stream = stream;
        this.opened = opened;
    }

    /** Sends the head; throws {@link Refused} MALFORMED. */
    void begin(HostPort authority, Optional<String> protocol, Fields fields) {
        if (!HeadWriting.isLegal(fields)) {
            throw Refused.malformed("tunnel: illegal octet in its head");
        }
        opened.addListener(done -> {
            if (!done.isSuccess()) {
                stream.child().close();
            }
        });
        FrameWriter out = stream.engine().out();
        HpackEncoder block = out.encoder();
        block.begin();
        block.field(":method", "CONNECT");
        protocol.ifPresent(word -> {
            block.field(":protocol", word);
            block.field(":scheme", "https");
            block.field(":path", "/");
        });
        block.field(":authority", authority.toString());
        HeadWriting.fields(block, fields);
        out.headers(stream.id(), false);
        stream.engine().flushSoon();
    }

    @Override
    public void head(HeaderBlock block, boolean end) {
        if (opened.isDone()) {
            stream.trailers(block, end);
            return;
        }
        ReplyHead head = ReplyHead.of(block);
        if (head.isInformational()) {
            return;
        }
        if (head.status() >= 300) {
            opened.tryFailure(Refused.because(reason(head.status()), "tunnel: status " + head.status()));
        } else if (!opened.trySuccess(stream.child())) {
            stream.child().close();
        }
        if (end && !stream.closed()) {
            stream.ended(Fin.FIN);
        }
    }

    private static Refusal reason(int status) {
        return switch (status) {
            case 400 -> Refusal.MALFORMED;
            case 401, 403 -> Refusal.DENIED;
            case 404 -> Refusal.NO_ROUTE;
            case 407 -> Refusal.UNAUTHENTICATED;
            case 503 -> Refusal.OVERLOADED;
            case 504 -> Refusal.TIMED_OUT;
            case 508 -> Refusal.LOOP;
            default -> Refusal.UNREACHABLE;
        };
    }

    @Override
    public void said() {
        // The other direction goes on.
    }

    @Override
    public void broken(Refused why, boolean untouched) {
        opened.tryFailure(untouched ? Refused.untouched(why.reason(), why.text()) : why);
    }

    /** A tunnel may be silent; how long it may take to open is the dialler's. */
    @Override
    public void silent(long nanos) {}

    @Override
    public Code abandons() {
        return Code.CANCEL;
    }
}
