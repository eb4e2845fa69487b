package dev.ugate.protocols.http;

import dev.ugate.model.HostPort;
import dev.ugate.model.Intent;
import dev.ugate.model.Limits;
import dev.ugate.model.Peer;
import dev.ugate.model.Refused;
import dev.ugate.model.Shape;
import dev.ugate.model.http.Fields;
import dev.ugate.net.Dialogue;
import dev.ugate.protocols.http.semantics.Answers;
import dev.ugate.protocols.http.semantics.Disclosure;
import dev.ugate.protocols.http.wire.Head;
import dev.ugate.protocols.http.wire.HeadParser;
import dev.ugate.protocols.http.wire.Rejected;
import dev.ugate.protocols.http.wire.RequestLine;
import dev.ugate.spi.Connection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The first request of a captured connection, read and not consumed: its Host names the target, and everything passes as it is, to a
 * server that the client chose itself. What is no head that we know passes under the address alone.
 */
final class PassedHead implements Dialogue {
    private static final String WORD = "http";

    private @Nullable HeadParser<RequestLine> parser;
    private int seen;
    private boolean toHead;

    @Override
    public Outcome read(Channel client, ByteBuf in) {
        Connection connection = Connection.of(client);
        Peer peer = connection.peer();
        HostPort captured = peer.captured().orElseThrow();
        try {
            Head<RequestLine> head = next(in, connection.ingress().settings().limits());
            if (head == null) {
                return Outcome.MORE;
            }
            return new Open(new Intent(WORD, peer, target(head, captured), Shape.BYTES, labels(head.line())));
        } catch (Rejected | Refused unknown) {
            return new Open(Intent.bytes(WORD, peer, captured));
        }
    }

    /** Goes on behind what it has seen, as nothing is consumed. */
    private @Nullable Head<RequestLine> next(ByteBuf in, Limits limits) {
        if (parser == null) {
            parser = HeadParser.requests(limits);
        }
        ByteBuf rest = in.slice(in.readerIndex() + seen, in.readableBytes() - seen);
        Head<RequestLine> head = parser.next(rest);
        seen += rest.readerIndex();
        toHead = head != null && head.line().isHead();
        return head;
    }

    /** A client that knows of a proxy talks to that one, whichever server it names. */
    private static HostPort target(Head<RequestLine> head, HostPort captured) {
        List<String> host = head.fields().all("host");
        boolean origin = head.line().target().startsWith("/");
        return origin && host.size() == 1 && !host.get(0).isEmpty()
                ? HostPort.parse(host.get(0), captured.port()).withPort(captured.port())
                : captured;
    }

    private static Map<String, String> labels(RequestLine line) {
        Map<String, String> labels = new HashMap<>();
        labels.put("method", line.method());
        labels.put("path", line.target());
        labels.put("version", "1." + line.minor());
        return labels;
    }

    @Override
    public ByteBuf yes(Channel client, Channel upstream) {
        return Unpooled.EMPTY_BUFFER;
    }

    @Override
    public ByteBuf no(Channel client, Refused why) {
        int status = Answers.status(why.reason(), false);
        Refused told = Disclosure.of(why, status, Fields.NONE, Connection.of(client));
        return Answers.last(client.alloc(), status, told, toHead);
    }
}
