package dev.ugate.protocols.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Bytes;
import dev.ugate.model.HostPort;
import dev.ugate.model.Limits;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Timeouts;
import dev.ugate.model.http.Fields;
import dev.ugate.net.Relay;
import dev.ugate.net.foreign.ForeignChannel;
import dev.ugate.net.tls.TunnelEnd;
import dev.ugate.protocols.http.semantics.Lease;
import dev.ugate.protocols.http.semantics.Upstream;
import dev.ugate.spi.Fin;
import dev.ugate.spi.Informational;
import dev.ugate.spi.Pressure;
import dev.ugate.spi.Reply;
import dev.ugate.spi.Request;
import dev.ugate.spi.Settings;
import dev.ugate.testing.Changed;
import dev.ugate.testing.FarSide;
import dev.ugate.testing.Listening;
import dev.ugate.testing.Notes;
import dev.ugate.testing.Sink;
import dev.ugate.testing.Wire;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One upstream connection, the upstream played by the test. */
final class ClientConnectionTest implements Upstream.Keeper {
    private final Frames frames = new Frames();
    private final Wire wire = Wire.upstream();
    private final ClientConnection connection =
            new ClientConnection(wire, () -> Listening.open().ingress().settings(), this, false);
    private FarSide reader = new FarSide();
    private ForeignChannel client = new ForeignChannel(wire, reader);
    private final List<String> told = new ArrayList<>();
    private final List<String> informed = new ArrayList<>();

    @BeforeEach
    void begin() {
        connection.begin();
        byte[] first = wire.heardBytes();
        assertThat(new String(first, 0, Frames.PREFACE.length, StandardCharsets.US_ASCII))
                .isEqualTo(new String(Frames.PREFACE, StandardCharsets.US_ASCII));
        byte[] rest = java.util.Arrays.copyOfRange(first, Frames.PREFACE.length, first.length);
        assertThat(frames.read(rest)).containsExactly("SETTINGS", "WINDOW 983041");
        wire.send(Frames.settings(3, 2, 8, 1)).send(Frames.settingsAck());
        assertThat(heard()).containsExactly("SETTINGS ack");
    }

    @AfterEach
    void leavesNothing() {
        wire.close();
        wire.heard();
        wire.checkException();
        assertThat(wire.tally().live()).isEmpty();
    }

    @Override
    public void freed(Upstream upstream) {
        told.add("freed");
    }

    @Override
    public void gone(Upstream upstream) {
        told.add("gone");
    }

    private List<String> heard() {
        return frames.read(wire.heardBytes());
    }

    private static Promise<Reply> send(ClientConnection connection, Wire wire, Optional<String> upgrade) {
        ForeignChannel client = new ForeignChannel(wire, new FarSide());
        wire.eventLoop().register(client);
        Promise<Reply> reply = wire.eventLoop().newPromise();
        Request request = new Request(
                "GET",
                "http",
                HostPort.parse("a.b:80"),
                "/x",
                Fields.NONE,
                upgrade.isPresent() ? -1 : 0,
                upgrade,
                client);
        Lease.of(connection.lease()).send(request, (status, fields) -> {}, reply);
        return reply;
    }

    private Promise<Reply> send(String method, long length, Optional<String> upgrade) {
        reader = new FarSide();
        client = new ForeignChannel(wire, reader);
        wire.eventLoop().register(client);
        Channel lease = connection.lease();
        Promise<Reply> reply = wire.eventLoop().newPromise();
        Request request = new Request(
                method, "http", HostPort.parse("a.b:80"), "/x", Fields.of("x", "y"), length, upgrade, client);
        Informational informational = (status, fields) -> informed.add(status + " " + fields.size());
        Lease.of(lease).send(request, informational, reply);
        return reply;
    }

    private Promise<Reply> get() {
        return send("GET", 0, Optional.empty());
    }

    private static Sink read(Reply reply) {
        Sink sink = new Sink();
        reply.body().pipeline().addLast(sink);
        reply.body().config().setAutoRead(true);
        return sink;
    }

    private static String text(Sink sink) {
        return new String(sink.taken(), StandardCharsets.ISO_8859_1);
    }

    @Test
    void sendsRequestsAndReadsReplies() {
        Promise<Reply> reply = get();
        assertThat(heard())
                .containsExactly("HEADERS 1 end :method=GET :scheme=http :authority=a.b :path=/x x=y te=trailers");
        wire.send(frames.headers(1, false, ":status", "103", "link", "x"));
        wire.send(frames.headers(1, false, ":status", "200", "content-length", "5"));
        assertThat(informed).containsExactly("103 1");
        assertThat(reply.getNow().status()).isEqualTo(200);
        assertThat(reply.getNow().length()).isEqualTo(5);
        Sink sink = read(reply.getNow());
        wire.send(Frames.data(1, false, "hello")).send(frames.headers(1, true, "x-sum", "1"));
        assertThat(text(sink)).isEqualTo("hello");
        assertThat(sink.ended()).isTrue();
        assertThat(connection.places()).isEqualTo(2);
    }

    /** The protocol of gRPC asks for it, and servers in Go wait for ever for what a head that is all does not bring. */
    @Test
    void bodyThatTurnsOutEmptyEndsInAFrameOfItsOwn() {
        send("POST", -1, Optional.empty());
        client.deliver(Fin.FIN);
        assertThat(heard())
                .containsExactly(
                        "HEADERS 1 :method=POST :scheme=http :authority=a.b :path=/x x=y te=trailers", "DATA 1 end");
    }

    @Test
    void replyIsReadAfterItsStreamEnded() {
        Promise<Reply> reply = get();
        wire.send(frames.headers(1, false, ":status", "200")).send(Frames.data(1, true, "kept"));
        Sink sink = read(reply.getNow());
        heard();
        assertThat(text(sink)).isEqualTo("kept");
        assertThat(sink.ended()).isTrue();
    }

    /** Sixteen readers that rest, of some who share an upstream's connection, held up everybody else for as long as they did. */
    @ParameterizedTest
    @EnumSource(
            value = Pressure.class,
            names = {"NONE", "TRIM"})
    void whoDoesNotReadHoldsUpNobodyElseWhileThereIsMemory(Pressure pressure) {
        Limits.Http2 window = Changed.of(Limits.STANDARD.http2(), Map.of("http2ConnectionWindow", new Bytes(65_535)));
        Limits small = Changed.of(Limits.STANDARD, Map.of("http2", window));
        Settings terms = new Settings(Timeouts.STANDARD, small, new Notes(), () -> pressure);
        Wire other = Wire.upstream();
        ClientConnection shared = new ClientConnection(other, () -> terms, this, false);
        shared.begin();
        other.send(Frames.settings(3, 2)).send(Frames.settingsAck()).heardBytes();
        Promise<Reply> reply = send(shared, other, Optional.empty());
        other.heardBytes();
        other.send(frames.headers(1, false, ":status", "200"));
        for (int i = 0; i < 3; i++) {
            other.send(Frames.data(1, false, "x".repeat(16_000)));
        }
        List<String> unread = frames.read(other.heardBytes());
        assertThat(unread).isEqualTo(pressure == Pressure.NONE ? List.of("WINDOW 48000") : List.of());
        read(reply.getNow());
        List<String> told = frames.read(other.heardBytes());
        assertThat(told).anyMatch(line -> line.startsWith("WINDOW 1 "));
        assertThat(told.contains("WINDOW 48000")).isEqualTo(pressure == Pressure.TRIM);
        other.close();
        other.heard();
        assertThat(other.tally().live()).isEmpty();
    }

    /** Found by audit: the ends came after both heads, and clients of gRPC missed the trailers. */
    @ParameterizedTest
    @ValueSource(longs = {0, 3})
    void headsThatAreAllAreWholeWhenTheyAreTold(long length) {
        List<String> order = new ArrayList<>();
        for (String name : List.of("first", "second")) {
            Promise<Reply> reply = send("POST", length, Optional.empty());
            Channel to = client;
            reply.addListener(done -> {
                order.add(name);
                Relay.oneWay(reply.getNow().body(), to, Timeouts.STANDARD, (in, out, broken) -> order.add("end"));
            });
            if (length > 0) {
                client.deliver(Unpooled.copiedBuffer("abc", StandardCharsets.US_ASCII));
                client.deliver(Fin.FIN);
            }
        }
        wire.send(Frames.join(
                frames.headers(1, true, ":status", "200", "grpc-status", "5"),
                frames.headers(3, true, ":status", "200", "grpc-status", "5")));
        assertThat(order).containsExactly("first", "end", "second", "end");
        assertThat(connection.places()).isEqualTo(2);
    }

    @Test
    void tellsItsKeeperOfPlaces() {
        assertThat(connection.places()).isEqualTo(2);
        get();
        get();
        assertThat(connection.places()).isZero();
        assertThat(connection.idleSince()).isEqualTo(Long.MAX_VALUE);
        wire.send(frames.headers(1, true, ":status", "204"));
        assertThat(told).containsExactly("freed");
        assertThat(connection.places()).isEqualTo(1);
        Channel unused = connection.lease();
        unused.close();
        assertThat(connection.places()).isEqualTo(1);
    }

    @Test
    void streamsThatGoawayLeavesOutWereUntouched() {
        Promise<Reply> first = get();
        Promise<Reply> second = get();
        wire.send(Frames.goAway(1, 0));
        assertThat(second.cause())
                .isInstanceOfSatisfying(
                        Refused.class, why -> assertThat(why.isUntouched()).isTrue());
        assertThat(first.isDone()).isFalse();
        assertThat(told).containsExactly("gone");
        assertThat(connection.places()).isZero();
        wire.send(frames.headers(1, true, ":status", "204"));
        assertThat(first.getNow().status()).isEqualTo(204);
        assertThat(wire.sawEnd()).isTrue();
    }

    @Test
    void refusedStreamWasUntouchedAndOthersWerePerhapsNot() {
        Promise<Reply> refused = get();
        Promise<Reply> reset = get();
        wire.send(Frames.reset(1, 7)).send(Frames.reset(3, 2));
        assertThat(((Refused) refused.cause()).isUntouched()).isTrue();
        assertThat(((Refused) reset.cause()).isUntouched()).isFalse();
    }

    @Test
    void malformedReplyFailsTheRequestAlone() {
        Promise<Reply> bad = get();
        Promise<Reply> good = get();
        wire.send(frames.headers(1, true, "status", "200"));
        wire.send(frames.headers(3, true, ":status", "200", "content-length", "0"));
        assertThat(bad.cause()).isInstanceOf(Refused.class);
        assertThat(good.getNow().length()).isZero();
        assertThat(heard()).contains("RST 1 1");
    }

    @Test
    void anUpgradeWaitsForTheSettingsThatAllowIt() {
        Wire slow = Wire.upstream();
        Frames reader = new Frames();
        ClientConnection young =
                new ClientConnection(slow, () -> Listening.open().ingress().settings(), this, false);
        young.begin();
        slow.heardBytes();
        Promise<Reply> reply = send(young, slow, Optional.of("websocket"));
        Promise<Reply> plain = send(young, slow, Optional.empty());
        assertThat(reader.read(slow.heardBytes())).singleElement().asString().startsWith("HEADERS 1 end :method=GET");
        slow.send(Frames.settings(8, 1));
        assertThat(reader.read(slow.heardBytes())).anyMatch(line -> line.startsWith("HEADERS 3 :method=CONNECT"));
        assertThat(reply.isDone()).isFalse();
        slow.close();
        assertThat(((Refused) reply.cause()).isUntouched()).isFalse();
        assertThat(plain.cause()).isInstanceOf(Refused.class);
        slow.heard();
        assertThat(slow.tally().live()).isEmpty();
    }

    @Test
    void anUpgradeThatWaitedInVainWasUntouched() {
        Wire slow = Wire.upstream();
        ClientConnection young =
                new ClientConnection(slow, () -> Listening.open().ingress().settings(), this, false);
        young.begin();
        Promise<Reply> reply = send(young, slow, Optional.of("websocket"));
        slow.close();
        assertThat(((Refused) reply.cause()).isUntouched()).isTrue();
        slow.heard();
        assertThat(slow.tally().live()).isEmpty();
    }

    /** Found by fuzzing: the stream was over, and nobody was told. */
    @Test
    void contentBeforeItsHeadFailsTheRequestAlone() {
        Promise<Reply> bad = get();
        wire.send(Frames.data(1, true, "hello"));
        assertThat(bad.cause()).isInstanceOf(Refused.class);
        assertThat(heard()).contains("RST 1 1");
        Promise<Reply> after = get();
        wire.send(frames.headers(3, false, ":status", "103"));
        wire.send(Frames.data(3, true, ""));
        assertThat(after.cause()).isInstanceOf(Refused.class);
        assertThat(heard()).contains("RST 3 1");
    }

    @Test
    void aReplyThatCameWholeIsReadThoughTheConnectionBreaksInTheSameRead() {
        Promise<Reply> reply = get();
        wire.send(frames.headers(1, false, ":status", "200"));
        Sink sink = read(reply.getNow());
        wire.send(Frames.join(Frames.data(1, true, "whole"), Frames.data(0, true, "wrong")));
        assertThat(text(sink)).isEqualTo("whole");
        assertThat(sink.ended()).isTrue();
        assertThat(told).contains("gone");
    }

    /** Found by random exchanges with Jetty: it cancels what it does not want to read behind its answer. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aReplyThatCameWholeIsReadThoughItsUploadBreaksBehindIt(boolean byReset) {
        List<Optional<Refused>> ends = new ArrayList<>();
        Promise<Reply> reply = send("POST", -1, Optional.empty());
        reader.room = 2;
        client.config().setWriteBufferWaterMark(new WriteBufferWaterMark(1, 2));
        wire.send(frames.headers(1, false, ":status", "200"));
        Relay.oneWay(reply.getNow().body(), client, Timeouts.STANDARD, (in, out, broken) -> ends.add(broken));
        wire.send(Frames.data(1, false, "begun"));
        wire.send(Frames.data(1, true, "and whole"));
        if (byReset) {
            wire.send(Frames.reset(1, 8));
        } else {
            wire.close();
        }
        wire.runPendingTasks();
        assertThat(ends).isEmpty();
        reader.room = Integer.MAX_VALUE;
        client.resume();
        wire.runPendingTasks();
        assertThat(reader.ends()).containsExactly("end");
        assertThat(ends).containsExactly(Optional.empty());
    }

    @Test
    void lostConnectionFailsEveryRequest() {
        Promise<Reply> reply = get();
        wire.close();
        assertThat(reply.cause()).isInstanceOf(Refused.class);
        assertThat(told).containsExactly("gone");
    }

    @Test
    void cancelledRequestIsReset() {
        Promise<Reply> reply = get();
        heard();
        reply.cancel(false);
        assertThat(heard()).containsExactly("RST 1 8");
        assertThat(connection.places()).isEqualTo(2);
    }

    @Test
    void retiredConnectionFinishesWhatRuns() {
        Promise<Reply> reply = get();
        connection.retire();
        assertThat(told).containsExactly("gone");
        wire.send(frames.headers(1, true, ":status", "204"));
        assertThat(reply.isSuccess()).isTrue();
        wire.heard();
        assertThat(wire.sawEnd()).isTrue();
    }

    @Test
    void silentUpstreamIsGivenUp() {
        Promise<Reply> reply = get();
        wire.pass(Duration.ofSeconds(70));
        assertThat(reply.cause()).hasMessageContaining("no byte of its reply");
        assertThat(heard()).contains("RST 1 8");
    }

    @Test
    void upstreamThatTakesNoMoreOfTheRequestIsGivenUp() {
        Promise<Reply> reply = send("PUT", 200_000, Optional.empty());
        client.deliver(Unpooled.wrappedBuffer(new byte[100_000]));
        wire.pass(Duration.ofSeconds(50));
        wire.send(Frames.join(Frames.windowUpdate(0, 10_000), Frames.windowUpdate(1, 10_000)));
        wire.pass(Duration.ofSeconds(50));
        assertThat(reply.isDone()).as("it took some").isFalse();
        wire.pass(Duration.ofSeconds(20));
        assertThat(reply.cause()).hasMessageContaining("no byte of its reply");
        assertThat(client.isOpen()).as("the answer goes there").isTrue();
        assertThat(heard()).contains("RST 1 8");
    }

    @Test
    void opensTunnels() {
        Future<Channel> opening = connection.tunnel(HostPort.parse("t.b:22"), Optional.empty(), Fields.of("x", "y"));
        assertThat(heard()).containsExactly("HEADERS 1 :method=CONNECT :authority=t.b:22 x=y");
        wire.send(frames.headers(1, false, ":status", "200"));
        Channel tunnel = opening.getNow();
        Sink sink = new Sink();
        tunnel.pipeline().addLast(sink);
        tunnel.config().setAutoRead(true);
        tunnel.writeAndFlush(Unpooled.copiedBuffer("out", StandardCharsets.US_ASCII));
        tunnel.writeAndFlush(Fin.FIN);
        assertThat(heard()).containsExactly("DATA 1 end out");
        wire.send(Frames.data(1, true, "in"));
        assertThat(text(sink)).isEqualTo("in");
        assertThat(sink.ended()).isTrue();
        Future<Channel> refused = connection.tunnel(HostPort.parse("t.b:23"), Optional.empty(), Fields.NONE);
        wire.send(frames.headers(3, true, ":status", "503"));
        assertThat(refused.cause()).hasMessageContaining("status 503");
    }

    @Test
    void upgradesAreExtendedConnects() {
        send("GET", -1, Optional.of("websocket"));
        assertThat(heard())
                .containsExactly("HEADERS 1 :method=CONNECT :scheme=http :authority=a.b :path=/x :protocol=websocket"
                        + " x=y te=trailers");
    }

    @Test
    void t38BodyOfAnUpgradeWaitsForTheReply() {
        send("GET", -1, Optional.of("websocket"));
        client.deliver(Unpooled.copiedBuffer("early", StandardCharsets.US_ASCII));
        wire.runPendingTasks();
        assertThat(heard()).hasSize(1).allMatch(frame -> frame.startsWith("HEADERS 1"));
        client.close();
    }

    @Test
    void upstreamThatSaysNothingToAnUpgradeIsGivenUp() {
        Promise<Reply> reply = send("GET", -1, Optional.of("websocket"));
        wire.pass(Duration.ofSeconds(70));
        assertThat(reply.cause()).hasMessageContaining("no byte of its reply");
    }

    @Test
    void pushIsRefused() {
        wire.send(Frames.frame(5, 4, 1, new byte[4]));
        assertThat(heard()).containsExactly("GOAWAY 0 1");
        assertThat(wire.sawEnd()).isTrue();
    }

    @Test
    void whoWaitsForASilentMemberHearsWhichLimitEndedIt() {
        Wire own = Wire.upstream();
        ClientConnection mesh =
                new ClientConnection(own, () -> Listening.open().ingress().settings(), this, true);
        mesh.begin();
        own.send(Frames.settings()).send(Frames.settingsAck());
        Future<Channel> opening = mesh.tunnel(HostPort.parse("t.b:22"), Optional.empty(), Fields.NONE);
        own.heardBytes();
        own.pass(Duration.ofSeconds(3));
        own.pass(Duration.ofSeconds(12));
        assertThat(new Frames().read(own.heardBytes())).containsExactly("PING");
        own.pass(Duration.ofSeconds(25));
        assertThat(own.isOpen()).isFalse();
        assertThat(opening.cause()).isInstanceOfSatisfying(Refused.class, why -> {
            assertThat(why.reason()).isEqualTo(Refusal.TIMED_OUT);
            assertThat(why.text()).contains("limit meshPatience");
        });
    }

    /** Whoever hears that its end went out lets go at once: both sides had said all. */
    @Test
    void tunnelWhoseEndWaitedForTheWindowIsNotReset() {
        wire.send(Frames.settings(4, 3));
        Future<Channel> opening = connection.tunnel(HostPort.parse("t.b:22"), Optional.empty(), Fields.NONE);
        wire.send(frames.headers(1, false, ":status", "200"));
        wire.send(Frames.data(1, true, "in"));
        Channel tunnel = opening.getNow();
        Sink sink = new Sink();
        tunnel.pipeline().addLast(sink);
        tunnel.config().setAutoRead(true);
        wire.runPendingTasks();
        assertThat(sink.ended()).isTrue();
        tunnel.writeAndFlush(Unpooled.copiedBuffer("outside", StandardCharsets.US_ASCII));
        tunnel.writeAndFlush(Fin.FIN).addListener(done -> tunnel.close());
        wire.runPendingTasks();
        assertThat(heard()).endsWith("DATA 1 out");
        wire.send(Frames.windowUpdate(1, 100));
        wire.runPendingTasks();
        assertThat(heard()).containsExactly("DATA 1 end side");
        assertThat(connection.places()).isEqualTo(2);
        sink.taken();
    }

    @Test
    void tunnelThatThePeerResetsIsGoneAtOnce() {
        Future<Channel> opening = connection.tunnel(HostPort.parse("t.b:22"), Optional.empty(), Fields.NONE);
        wire.send(frames.headers(1, false, ":status", "200"));
        Channel tunnel = opening.getNow();
        TunnelEnd.below(tunnel);
        wire.send(Frames.reset(1, 8));
        wire.runPendingTasks();
        assertThat(tunnel.isOpen()).isFalse();
        assertThat(heard()).containsExactly("HEADERS 1 :method=CONNECT :authority=t.b:22");
    }

    /** A server resets behind each early answer: it takes no more streams than this side begins. */
    @Test
    void resetsOfAnUpstreamDoNotEndTheConnection() {
        for (int i = 0; i < 300; i++) {
            int id = 2 * i + 1;
            send(connection, wire, Optional.empty());
            wire.send(frames.headers(id, true, ":status", "413"));
            wire.send(Frames.reset(id, 0));
            wire.runPendingTasks();
        }
        heard();
        assertThat(wire.sawEnd()).isFalse();
        assertThat(connection.places()).isEqualTo(2);
    }

    /** Who said all and closes may reset the stream behind that, for a slow reader too early. */
    @Test
    void whatATunnelSaidToItsEndOutlivesAReset() {
        Future<Channel> opening = connection.tunnel(HostPort.parse("t.b:22"), Optional.empty(), Fields.NONE);
        wire.send(frames.headers(1, false, ":status", "200"));
        Channel tunnel = opening.getNow();
        Sink sink = new Sink();
        tunnel.pipeline().addLast(sink);
        wire.send(Frames.data(1, true, "whole"));
        wire.send(Frames.reset(1, 10));
        wire.runPendingTasks();
        tunnel.read();
        wire.runPendingTasks();
        assertThat(sink.taken()).asString(StandardCharsets.US_ASCII).isEqualTo("whole");
        assertThat(sink.ended()).isTrue();
        assertThat(tunnel.isOpen()).isFalse();
        assertThat(connection.places()).isEqualTo(2);
    }

    /** A tunnel that carries a connection. */
    private final class Way {
        private final FarSide far = new FarSide();
        private final ForeignChannel channel = new ForeignChannel(wire, far);
        private final ClientConnection carried;

        Way() {
            channel.lend(wire.eventLoop());
            TunnelEnd.below(channel);
            carried = new ClientConnection(
                    channel, () -> Listening.open().ingress().settings(), ClientConnectionTest.this, false);
            carried.begin();
            wire.runPendingTasks();
        }
    }

    @Test
    void connectionInATunnelThatWasIdleEndsIt() {
        Way way = new Way();
        way.carried.retire();
        wire.runPendingTasks();
        assertThat(way.far.ends()).containsExactly("end");
        way.channel.deliver(Fin.FIN);
        wire.runPendingTasks();
        assertThat(way.far.ends()).containsExactly("end", "close");
    }

    @Test
    void connectionInATunnelThatThePeerEndedEndsIt() {
        Way way = new Way();
        way.channel.deliver(Fin.FIN);
        wire.runPendingTasks();
        assertThat(way.far.ends()).containsExactly("end", "close");
    }
}
