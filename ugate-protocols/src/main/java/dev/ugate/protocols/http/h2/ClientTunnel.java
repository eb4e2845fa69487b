package dev.ugate.protocols.http.h2;

import dev.ugate.model.HostPort;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.http.Fields;
import dev.ugate.net.proxy.ProxyStatus;
import dev.ugate.protocols.http.h2.frame.Code;
import dev.ugate.protocols.http.h2.frame.FrameWriter;
import dev.ugate.protocols.http.h2.frame.HeadWriting;
import dev.ugate.protocols.http.hpack.HpackEncoder;
import dev.ugate.spi.Fin;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Promise;
import java.util.List;
import java.util.Optional;

/** A CONNECT to an upstream: once it said 2xx, the bytes of DATA are those of the tunnel (RFC 9113 §8.5). */
final class ClientTunnel implements Owner {
    /** The only status that opens one: ztunnel takes no other for success. */
    private static final int OPENED = 200;

    private final H2Stream stream;
    private final Promise<Channel> opened;

    ClientTunnel(H2Stream stream, Promise<Channel> opened) {
        this.stream = stream;
        this.opened = opened;
    }

    /**
     * What is asked for.
     *
     * @param protocol of an extended CONNECT (RFC 8441)
     */
    record Asked(HostPort authority, Optional<String> protocol, Fields fields) {}

    /** Sends the head; throws {@link Refused} MALFORMED. */
    void begin(Asked asked) {
        if (!HeadWriting.isLegal(asked.fields)) {
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
        asked.protocol.ifPresent(word -> {
            block.field(":protocol", word);
            block.field(":scheme", "https");
            block.field(":path", "/");
        });
        block.field(":authority", asked.authority.toString());
        HeadWriting.fields(block, asked.fields);
        out.request(stream.id(), false);
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
        stream.in().announce(-1);
        if (head.status() != OPENED) {
            opened.tryFailure(refused(head.status(), head.fields().all("proxy-status")));
        } else if (!opened.trySuccess(stream.child())) {
            stream.child().close();
        }
        if (end && !stream.closed()) {
            stream.ended(Fin.FIN);
        }
    }

    /** What peers of the mesh mean by a status, where they say no more. */
    private static Refused refused(int status, List<String> said) {
        return ProxyStatus.named(status, said).orElseGet(() -> switch (status) {
            case 400 -> Refused.malformed("status 400: expected another head");
            case 401, 403 -> Refused.because(Refusal.DENIED, "status " + status + ": denied");
            case 503 -> Refused.because(Refusal.UNREACHABLE, "status 503: unavailable");
            default -> Refused.because(ProxyStatus.reason(status), "status " + status + ": expected 200");
        });
    }

    @Override
    public void said() {
        // The other direction goes on.
    }

    @Override
    public void broken(Refused why, boolean untouched) {
        // Nothing was sent through it yet: where the connection went away, another may be asked.
        boolean lost = stream.engine().departure().begun();
        opened.tryFailure(untouched || lost ? why.asUntouched() : why);
    }

    @Override
    public boolean readsOn() {
        return opened.isSuccess();
    }

    /** A tunnel may be silent; how long it may take to open is the dialler's. */
    @Override
    public void silent(long nanos) {}

    /** A tunnel that breaks is told like a connection that does (RFC 9113 §8.5). */
    @Override
    public Code abandons() {
        return opened.isSuccess() ? Code.CONNECT_ERROR : Code.CANCEL;
    }
}
