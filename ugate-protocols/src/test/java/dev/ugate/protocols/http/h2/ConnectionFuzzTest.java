package dev.ugate.protocols.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.ugate.model.HostPort;
import dev.ugate.model.Refusal;
import dev.ugate.model.http.Fields;
import dev.ugate.net.foreign.ForeignChannel;
import dev.ugate.protocols.http.semantics.Intake;
import dev.ugate.protocols.http.semantics.Lease;
import dev.ugate.protocols.http.semantics.Upstream;
import dev.ugate.spi.Reply;
import dev.ugate.spi.Request;
import dev.ugate.testing.FakeGate;
import dev.ugate.testing.FarSide;
import dev.ugate.testing.Listening;
import dev.ugate.testing.Notes;
import dev.ugate.testing.Seeds;
import dev.ugate.testing.Wire;
import io.netty.util.concurrent.Promise;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Frames from any bytes, as a client's and as an upstream's: a connection ends by a GOAWAY at worst, and leaves nothing behind. */
final class ConnectionFuzzTest {
    static Stream<Arguments> clients() {
        Frames frames = new Frames();
        return Stream.concat(
                Stream.of(
                                frames.get(1, "/"),
                                Frames.join(frames.request(1, false, "POST", "/"), Frames.data(1, true, "hello")),
                                Frames.join(frames.get(3, "/x"), Frames.reset(3, 8), Frames.goAway(0, 0)),
                                Frames.join(Frames.ping(false), Frames.windowUpdate(0, 1), Frames.settings(4, 0)),
                                frames.headers(
                                        5,
                                        false,
                                        ":method",
                                        "CONNECT",
                                        ":protocol",
                                        "websocket",
                                        ":scheme",
                                        "http",
                                        ":authority",
                                        "a.b",
                                        ":path",
                                        "/"))
                        .map(Seeds::bytes),
                Seeds.kept("h2-clients"));
    }

    @MethodSource
    @FuzzTest
    void clients(byte[] bytes) {
        FakeGate gate = new FakeGate();
        Notes notes = new Notes();
        Wire wire = Wire.local(Listening.open().journal(notes));
        ServerConnection.serve(wire, gate, new Intake("me"));
        wire.send(Frames.PREFACE).send(Frames.settings()).send(Frames.settingsAck());
        wire.heardBytes();
        wire.send(bytes);
        List<String> heard = new Frames().read(wire.heardBytes());
        if (wire.sawEnd() && !heard.isEmpty()) {
            assertThat(heard).anyMatch(line -> line.startsWith("GOAWAY"));
        }
        assertThat(notes.failed()).noneMatch(why -> why.reason() == Refusal.INTERNAL);
        assertThat(gate.asked()).allSatisfy(exchange -> {
            Fields fields = exchange.request().fields();
            for (int i = 0; i < fields.size(); i++) {
                assertThat(fields.name(i) + fields.value(i)).doesNotContain("\r", "\n", "\0");
            }
        });
        over(wire);
    }

    static Stream<Arguments> upstreams() {
        Frames frames = new Frames();
        return Stream.concat(
                Stream.of(
                                Frames.join(frames.headers(1, false, ":status", "200"), Frames.data(1, true, "hello")),
                                Frames.join(
                                        frames.headers(1, false, ":status", "103"),
                                        frames.headers(1, true, ":status", "204")),
                                Frames.join(Frames.goAway(0, 0), Frames.reset(1, 7)),
                                Frames.join(Frames.settings(3, 1, 4, 0), Frames.ping(false), Frames.windowUpdate(1, 9)))
                        .map(Seeds::bytes),
                Seeds.kept("h2-upstreams"));
    }

    @MethodSource
    @FuzzTest
    void upstreams(byte[] bytes) {
        Wire wire = Wire.upstream();
        ClientConnection connection =
                new ClientConnection(wire, () -> Listening.open().ingress().settings(), new Nobody(), false);
        connection.begin();
        wire.send(Frames.settings(3, 2, 8, 1)).send(Frames.settingsAck());
        ForeignChannel client = new ForeignChannel(wire, new FarSide());
        wire.eventLoop().register(client);
        Promise<Reply> reply = wire.eventLoop().newPromise();
        Request request =
                new Request("GET", "http", HostPort.parse("a.b:80"), "/x", Fields.NONE, 0, Optional.empty(), client);
        Lease.of(connection.lease())
                .send(request, (status, fields) -> assertThat(status).isBetween(100, 199), reply);
        wire.send(bytes);
        if (reply.isSuccess()) {
            assertThat(reply.getNow().status()).isBetween(200, 999);
            reply.getNow().body().close();
        }
        over(wire);
        assertThat(reply.isDone()).isTrue();
    }

    private static void over(Wire wire) {
        wire.close();
        wire.heard();
        wire.checkException();
        assertThat(wire.tally().live()).isEmpty();
    }

    /** An owner of connections that does not care. */
    private static final class Nobody implements Upstream.Keeper {
        @Override
        public void freed(Upstream upstream) {}

        @Override
        public void gone(Upstream upstream) {}
    }
}
