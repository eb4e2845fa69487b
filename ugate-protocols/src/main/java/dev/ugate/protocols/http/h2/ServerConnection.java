package dev.ugate.protocols.http.h2;

import dev.ugate.model.Identity;
import dev.ugate.model.Intent;
import dev.ugate.model.Refused;
import dev.ugate.model.http.Fields;
import dev.ugate.net.Failures;
import dev.ugate.protocols.http.h2.frame.Code;
import dev.ugate.protocols.http.h2.frame.Violation;
import dev.ugate.protocols.http.semantics.Answers;
import dev.ugate.protocols.http.semantics.Asking;
import dev.ugate.protocols.http.semantics.Disclosure;
import dev.ugate.protocols.http.semantics.Intake;
import dev.ugate.protocols.http.semantics.OwnAnswers;
import dev.ugate.protocols.http.semantics.Proxied;
import dev.ugate.protocols.http.wire.Rejected;
import dev.ugate.protocols.http.ws.WebSocketKey;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Gate;
import dev.ugate.spi.Journal;
import dev.ugate.spi.Request;
import io.netty.channel.Channel;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The server side of one HTTP/2 connection: each stream is an exchange of its own, or a tunnel. */
public final class ServerConnection implements Role {
    private static final int NOT_IMPLEMENTED = 501;
    private static final int URI_TOO_LONG = 414;
    private static final int TOO_LARGE = 431;
    private static final String CONNECT = "connect";

    /** The protocol of an extended CONNECT that asks us to be the client in its bytes. */
    public static final String REVERSE = "h2r";

    private static final List<String> PROTOCOLS = List.of(WebSocketKey.PROTOCOL, REVERSE);

    private final Channel channel;
    private final Gate gate;
    private final Intake intake;
    private final @Nullable Runnable settled;
    private final String word;

    /** {@code settled} where the connection is kept for streams that may come. */
    private ServerConnection(Channel channel, Gate gate, Intake intake, @Nullable Runnable settled) {
        this.channel = channel;
        this.gate = gate;
        this.intake = intake;
        this.settled = settled;
        this.word = word(Connection.of(channel));
    }

    /** Adds the server to the end of the connection's pipeline. */
    public static void serve(Channel connection, Gate gate, Intake intake) {
        begin(connection, new ServerConnection(connection, gate, intake, null));
    }

    /**
     * The same where the connection is kept for streams that may never come; {@code settled} is run when the client says that it has our
     * settings, and so has seen that we live.
     */
    public static void keep(Channel connection, Gate gate, Intake intake, Runnable settled) {
        begin(connection, new ServerConnection(connection, gate, intake, settled));
    }

    private static void begin(Channel connection, Role role) {
        var settings = Connection.of(connection).ingress().settings();
        connection.pipeline().addLast(new Engine(connection, role, settings));
    }

    @Override
    public boolean serves() {
        return true;
    }

    @Override
    public boolean awaitsStreams() {
        return settled == null;
    }

    @Override
    public boolean isMesh() {
        return !word.equals(CONNECT);
    }

    @Override
    public void begun(H2Stream stream, HeaderBlock block, boolean end) {
        stream.out().awaitHead();
        try {
            if (block.tooLarge()) {
                block.check();
                throw Rejected.with(TOO_LARGE, block.excess());
            }
            RequestHead head = RequestHead.of(block, end);
            bound(head.line());
            stream.in().announce(head.isTunnel() ? -1 : head.hop().announced());
            var proof = Intake.proof(head.hop(), proxied(head), Connection.of(channel));
            if (end) {
                stream.ended(dev.ugate.spi.Fin.FIN);
            }
            if (proof.isDone()) {
                begin(stream, head, Intake.found(proof));
            } else {
                proof.whenComplete((found, failure) -> channel.eventLoop()
                        .execute(() -> Failures.run(channel, () -> checked(stream, head, block, proof))));
            }
        } catch (Rejected rejected) {
            reject(stream, rejected, end, block);
        }
    }

    /** L33, whatever the version writes around method and target. */
    private void bound(int line) {
        int most = Connection.of(channel)
                .ingress()
                .settings()
                .limits()
                .requestLine()
                .toInt();
        if (line > most) {
            throw Rejected.with(URI_TOO_LONG, "limit requestLine: " + line + " octets: expected at most " + most);
        }
    }

    private boolean proxied(RequestHead head) {
        return head.isTunnel() || Proxied.by(head.target().scheme(), Connection.of(channel));
    }

    private void checked(
            H2Stream stream, RequestHead head, HeaderBlock block, CompletableFuture<Optional<Identity>> proof) {
        if (!stream.closed()) {
            try {
                begin(stream, head, Intake.found(proof));
            } catch (Rejected rejected) {
                reject(stream, rejected, false, block);
            }
        }
    }

    private void begin(H2Stream stream, RequestHead head, Optional<Identity> proven) {
        Connection accepted = Connection.of(channel);
        Connection connection = proven.map(accepted.peer()::withIdentity)
                .map(accepted::withPeer)
                .orElse(accepted);
        if (head.protocol().isPresent() && !PROTOCOLS.contains(head.protocol().get())) {
            throw Rejected.with(NOT_IMPLEMENTED, "field :protocol: expected one of " + PROTOCOLS);
        }
        Asking asking = head.asking(connection);
        Answer answer = new Answer(stream, Answer.To.of(head.method(), head.fields()), intake);
        if (head.isTunnel()) {
            Intent intent = intake.tunnel(word, asking, connection);
            ServerTunnel tunnel = new ServerTunnel(stream, intent, answer);
            stream.owner(tunnel);
            stream.engine().begins(stream, () -> gate.open(tunnel));
        } else {
            Intake.Asked asked = intake.request(asking, connection);
            Request request = asked.request(head.length(), head.protocol(), stream.child());
            ServerExchange exchange = new ServerExchange(stream, asked, request, answer);
            stream.owner(exchange);
            stream.engine().begins(stream, () -> ask(asked, exchange));
        }
    }

    private void ask(Intake.Asked asked, ServerExchange exchange) {
        if (!OwnAnswers.answered(asked, exchange)) {
            gate.ask(exchange);
        }
    }

    /** The protocol word of a CONNECT (decision 6): one of the mesh, in the clear where the listener says so, else one to a proxy. */
    private static String word(Connection connection) {
        if (connection.member()) {
            return "hbone";
        }
        boolean clear = !connection.tls();
        return clear && connection.ingress().protocols().contains("hbonec") ? "hbonec" : CONNECT;
    }

    private void reject(H2Stream stream, Rejected rejected, boolean end, HeaderBlock block) {
        if (stream.owner() == null) {
            stream.owner(new Refusing(stream));
        }
        if (end && !stream.in().over()) {
            stream.ended(dev.ugate.spi.Fin.FIN);
        }
        String method = block.value(HeaderBlock.Pseudo.METHOD);
        Answer answer = new Answer(stream, Answer.To.of(method, block.fields()), intake);
        Refused told = Disclosure.of(rejected, Connection.of(channel));
        if (CONNECT.equalsIgnoreCase(method) && isMesh()) {
            answer.refusedInMesh(told);
            failed(
                    rejected.why(),
                    new Journal.Told(Answers.inMesh(rejected.why().reason()), 0));
        } else {
            failed(
                    rejected.why(),
                    new Journal.Told(rejected.status(), answer.refused(rejected.status(), told, Fields.NONE)));
        }
    }

    private void failed(Refused why, Journal.Told told) {
        Connection connection = Connection.of(channel);
        connection.ingress().settings().journal().failed(connection, "http", why.in("http"), told);
    }

    /** A request that never got to the gate. */
    private record Refusing(H2Stream stream) implements Owner {
        @Override
        public void head(HeaderBlock block, boolean end) {
            stream.trailers(block, end);
        }

        @Override
        public void said() {
            stream.discard();
        }

        @Override
        public void broken(Refused why, boolean untouched) {}

        @Override
        public void silent(long nanos) {
            // It is discarded as soon as its answer went out.
        }

        @Override
        public Code abandons() {
            return Code.NO_ERROR;
        }
    }

    @Override
    public void settled() {
        if (settled != null) {
            settled.run();
        }
    }

    @Override
    public void changed() {
        // Only those who begin streams care.
    }

    @Override
    public void failed(Violation why) {
        failed(why.why(), Journal.Told.NOTHING);
    }
}
