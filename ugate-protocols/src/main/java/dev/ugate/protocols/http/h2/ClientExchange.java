package dev.ugate.protocols.http.h2;

import dev.ugate.model.HostPort;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Timeouts;
import dev.ugate.model.http.Fields;
import dev.ugate.model.http.ProxyError;
import dev.ugate.net.Relay;
import dev.ugate.protocols.http.h2.frame.Code;
import dev.ugate.protocols.http.h2.frame.HeadWriting;
import dev.ugate.protocols.http.hpack.HpackEncoder;
import dev.ugate.protocols.http.semantics.Lease;
import dev.ugate.protocols.http.wire.Hop;
import dev.ugate.protocols.http.wire.Tokens;
import dev.ugate.spi.Fin;
import dev.ugate.spi.Informational;
import dev.ugate.spi.Reply;
import dev.ugate.spi.Request;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Promise;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One request to an upstream and the reply that comes back, on a stream that gets its number with the request. */
final class ClientExchange implements Lease, Owner {
    private static final String VERSION = "2";

    /** What is sent, and who waits for the reply. */
    private record Sent(Request request, Informational informational, Promise<Reply> reply) {}

    private final ClientConnection connection;
    private final H2Stream stream;
    private final Timeouts timeouts;
    private @Nullable Sent sent;
    private boolean replied;

    ClientExchange(ClientConnection connection, H2Stream stream, Timeouts timeouts) {
        this.connection = connection;
        this.stream = stream;
        this.timeouts = timeouts;
    }

    @Override
    public void send(Request request, Informational informational, Promise<Reply> reply) {
        sent = new Sent(request, informational, reply);
        request.body().closeFuture().addListener(closed -> {
            // From an upgrade on the relay decides: a client that ended and heard the end is closed while its last
            // octets wait here.
            if (!replied || request.upgrade().isEmpty()) {
                stream.child().close();
            }
        });
        reply.addListener(done -> {
            if (!done.isSuccess()) {
                if (request.length() != 0) {
                    Relay.part(request.body());
                }
                stream.child().close();
            }
        });
        if (request.upgrade().isPresent()) {
            // Only settings tell whether it may be asked for.
            connection.whenKnown(() -> begin(request, reply));
        } else {
            begin(request, reply);
        }
    }

    @Override
    public boolean isOut() {
        return stream.out().over();
    }

    private void begin(Request request, Promise<Reply> reply) {
        try {
            check(request);
            connection.open(stream);
        } catch (Refused refused) {
            reply.tryFailure(refused);
            return;
        }
        boolean whole = request.length() == 0 && request.upgrade().isEmpty();
        head(request);
        stream.engine().out().request(stream.id(), whole);
        if (whole) {
            stream.finished();
        } else {
            stream.out().announce(request.length());
            if (request.upgrade().isEmpty()) {
                // Whoever asked for an upgrade joins both bodies when it is granted (T38).
                Relay.oneWay(request.body(), stream.child(), timeouts);
            }
        }
        stream.engine().flushSoon();
    }

    @Override
    public void tunnel(HostPort authority, Fields fields, Promise<Channel> opened) {
        connection.tunnel(stream, new ClientTunnel.Asked(authority, Optional.empty(), fields), opened);
    }

    private void check(Request request) {
        boolean legal = Tokens.isToken(request.method())
                && Tokens.isTarget(request.path())
                && HeadWriting.isLegal(request.fields());
        if (!legal) {
            throw Refused.malformed("request: illegal octet in its head");
        }
        if (!stream.child().isActive() || connection.leaves()) {
            throw Refused.untouched(Refusal.UNREACHABLE, "http2: connection is gone");
        }
        if (request.upgrade().isPresent() && !connection.takesProtocols()) {
            throw Lease.NO_UPGRADES;
        }
    }

    private void head(Request request) {
        HpackEncoder block = stream.engine().out().encoder();
        block.begin();
        block.field(":method", request.upgrade().isPresent() ? "CONNECT" : request.method());
        block.field(":scheme", request.scheme());
        block.field(":authority", request.host());
        block.field(":path", request.path());
        request.upgrade().ifPresent(protocol -> block.field(":protocol", protocol));
        HeadWriting.fields(block, Hop.passing(request.fields()));
        if (request.announcesLength()) {
            block.field("content-length", Long.toString(request.length()));
        }
        // Trailers pass; some servers of gRPC insist that this is said.
        block.field("te", "trailers");
    }

    @Override
    public void head(HeaderBlock block, boolean end) {
        if (replied) {
            stream.trailers(block, end);
            return;
        }
        Sent asked = sent;
        if (asked == null) {
            throw HeaderBlock.malformed("reply: expected none");
        }
        ReplyHead head = ReplyHead.of(block);
        if (head.isInformational()) {
            if (end) {
                throw HeaderBlock.malformed("reply: ended by status " + head.status());
            }
            asked.informational().inform(head.status(), head.fields());
            return;
        }
        replied = true;
        reply(asked, head, end);
    }

    private void reply(Sent asked, ReplyHead head, boolean end) {
        boolean bodiless = head.isBodiless(asked.request().method().equals("HEAD"));
        stream.in().announce(bodiless ? 0 : head.announced());
        Fields fields = head.fields();
        long length = end && !bodiless ? 0 : bodiless && head.status() == 204 ? 0 : head.announced();
        if (end && !bodiless && head.announced() > 0) {
            throw HeaderBlock.malformed("reply: less than its content-length");
        }
        if (end) {
            // A head that is all has to leave as such, whatever else comes with it: else a client of gRPC takes its
            // status for a field of a reply that lacks its trailers.
            stream.ended(Fin.FIN);
        }
        // The listeners begin to read before a body is offered, so that head and body leave together.
        if (!asked.reply().trySuccess(new Reply(head.status(), fields, length, stream.child(), VERSION))) {
            stream.child().close();
        } else if (end) {
            stream.ready();
        }
    }

    @Override
    public void said() {
        // The upstream may go on for as long as it likes.
    }

    @Override
    public void broken(Refused why, boolean untouched) {
        if (sent != null) {
            String step = replied ? " within the body of its reply" : " before its reply";
            Refused told = why.told("upstream: " + why.text() + step);
            fail(sent, untouched ? told.asUntouched() : told);
        }
    }

    @Override
    public boolean hasAll() {
        return replied
                && stream.in().over()
                && sent != null
                && sent.request().upgrade().isEmpty();
    }

    /** Who waits is told, and who reads the reply. */
    private void fail(Sent asked, Refused why) {
        if (!asked.reply().tryFailure(why) && asked.reply().isSuccess()) {
            Relay.cut(stream.child(), why);
        }
    }

    @Override
    public void silent(long nanos) {
        Sent asked = sent;
        if (asked == null) {
            return;
        }
        boolean upgrade = asked.request().upgrade().isPresent();
        boolean clientsTurn =
                !upgrade && !stream.out().over() && !stream.local().stalled();
        if (replied ? upgrade : clientsTurn) {
            return;
        }
        var limits = timeouts.exchange();
        Duration limit = replied ? limits.replyIdle() : limits.firstByte();
        if (nanos >= limit.toNanos()) {
            String text = replied
                    ? "upstream: no byte of its reply's body within "
                    : "upstream: no byte of its reply within ";
            fail(
                    asked,
                    Refused.because(Refusal.TIMED_OUT, text + limit.toMillis() + "ms")
                            .as(ProxyError.HTTP_RESPONSE_TIMEOUT));
            stream.child().close();
        }
    }

    @Override
    public Code abandons() {
        return Code.CANCEL;
    }
}
