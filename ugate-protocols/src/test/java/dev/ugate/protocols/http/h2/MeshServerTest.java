package dev.ugate.protocols.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Identity;
import dev.ugate.model.Intent;
import dev.ugate.model.Peer;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.protocols.http.semantics.Intake;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Fin;
import dev.ugate.spi.Ingress;
import dev.ugate.testing.Changed;
import dev.ugate.testing.FakeGate;
import dev.ugate.testing.Listening;
import dev.ugate.testing.Sink;
import dev.ugate.testing.Wire;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The inbound side of HBONE, a member of the mesh played by the test. */
final class MeshServerTest {
    private static final Identity MEMBER =
            new Identity("spiffe://cluster.local/ns/web/sa/front", Identity.Proof.CERTIFICATE);

    private final FakeGate gate = new FakeGate();
    private final Frames frames = new Frames();
    private final Wire wire = Wire.remote(Listening.open());

    @BeforeEach
    void begin() {
        Connection accepted = Connection.of(wire);
        serve(accepted.proven(MEMBER, true).withTls(Optional.of("h2"), Optional.empty()));
    }

    private void serve(Connection connection) {
        connection.on(wire);
        ServerConnection.serve(wire, gate, new Intake("me"));
        wire.send(Frames.PREFACE).send(Frames.settings(5, 1 << 20)).send(Frames.settingsAck());
    }

    @AfterEach
    void leavesNothing() {
        wire.close();
        wire.heard();
        wire.checkException();
        assertThat(wire.tally().live()).isEmpty();
    }

    private List<String> heard() {
        return frames.read(wire.heardBytes());
    }

    private Intent connect(int stream, String authority, String... more) {
        List<String> all = new java.util.ArrayList<>(List.of(":method", "CONNECT", ":authority", authority));
        all.addAll(List.of(more));
        wire.send(frames.headers(stream, false, all.toArray(String[]::new)));
        return gate.stream().intent();
    }

    @Test
    void tellsMembersOfLargeWindows() {
        assertThat(heard()).containsExactly("SETTINGS", "WINDOW 16711681", "SETTINGS ack");
    }

    @Test
    void opensTunnelsForMembers() {
        Intent intent = connect(
                1, "10.0.0.9:5432", "baggage", "k8s.namespace.name=web", "baggage", ",;=,,%", "forwarded", "for=x");
        assertThat(intent.protocol()).isEqualTo("hbone");
        assertThat(intent.peer().identity()).contains(MEMBER);
        assertThat(intent.target()).hasToString("10.0.0.9:5432");
        gate.stream().accepted(wire);
        heard();
        Channel channel = gate.stream().channel();
        Sink sink = new Sink();
        channel.pipeline().addLast(sink);
        channel.config().setAutoRead(true);
        wire.send(Frames.data(1, true, "in"));
        assertThat(new String(sink.taken(), StandardCharsets.US_ASCII)).isEqualTo("in");
        assertThat(sink.ended()).isTrue();
        channel.write(Unpooled.copiedBuffer("out", StandardCharsets.US_ASCII));
        channel.writeAndFlush(Fin.FIN);
        assertThat(heard()).containsExactly("DATA 1 end out");
    }

    @ParameterizedTest
    @CsvSource({
        "DENIED,401,http_request_denied",
        "UNAUTHENTICATED,401,http_request_denied",
        "MALFORMED,400,http_request_error",
        "NO_ROUTE,503,destination_not_found",
        "UNRESOLVED,503,dns_error",
        "CONNECTION_REFUSED,503,connection_refused",
        "TIMED_OUT,503,connection_timeout",
        "LOOP,503,proxy_loop_detected",
        "INTERNAL,500,proxy_internal_error"
    })
    void refusesWithAHeadAlone(Refusal reason, int status, String error) {
        connect(1, "10.0.0.9:5432");
        heard();
        gate.stream().refused(Refused.because(reason, "why"));
        assertThat(heard())
                .containsExactly("HEADERS 1 end :status=" + status + " proxy-status=ugate; error=" + error
                        + "; details=\"why\"");
        wire.send(Frames.data(1, false, "late"));
        wire.pass(Duration.ofSeconds(2));
        assertThat(heard()).containsExactly("RST 1 0");
    }

    @ParameterizedTest
    @CsvSource({"10.0.0.9", "db.m", "'[fd00::1]'", "':80'", "db.m:0", "db.m:99999", "'a b:80'"})
    void demandsHostAndPort(String authority) {
        heard();
        wire.send(frames.headers(1, false, ":method", "CONNECT", ":authority", authority));
        assertThat(heard()).hasSize(1).allMatch(line -> line.startsWith("HEADERS 1 end :status=400 proxy-status="));
        assertThat(gate.opened()).isEmpty();
    }

    @Test
    void takesLiteralsOfBothFamilies() {
        assertThat(connect(1, "[fd00::1]:8080").target()).hasToString("[fd00::1]:8080");
        assertThat(connect(3, "db.m:5432").target()).hasToString("db.m:5432");
    }

    @Test
    void t63KnowsTunnelsThatWereHere() {
        heard();
        wire.send(frames.headers(1, false, ":method", "CONNECT", ":authority", "a.m:1", "via", "2 other, 2 me"));
        assertThat(heard()).hasSize(1).allMatch(line -> line.contains("proxy_loop_detected") && line.contains("503"));
        wire.send(frames.headers(
                3, false, ":method", "CONNECT", ":authority", "a.m:1", "via", "2 a, 2 b", "via", "2 c, 2 d, 2 e"));
        assertThat(heard()).hasSize(1).allMatch(line -> line.contains("proxy_loop_detected"));
        assertThat(gate.opened()).isEmpty();
    }

    @Test
    void nextHopIsToldOfThoseBefore() {
        String trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        Intent intent = connect(1, "a.m:1", "via", "2 a", "traceparent", trace, "baggage", "x=y", "cookie", "secret");
        assertThat(intent.fields().all("via")).containsExactly("2 a", "2 me");
        assertThat(intent.fields().first("traceparent")).contains(trace);
        assertThat(intent.fields().size()).isEqualTo(3);
    }

    @Test
    void framesOfOneMebibyteAreTaken() {
        connect(1, "a.m:1");
        gate.stream().accepted(wire);
        Channel channel = gate.stream().channel();
        Sink sink = new Sink();
        channel.pipeline().addLast(sink);
        channel.config().setAutoRead(true);
        wire.send(Frames.data(1, false, "x".repeat(1 << 20)));
        assertThat(sink.taken()).hasSize(1 << 20);
    }

    @Test
    void sendsFramesThatFillTlsRecords() {
        connect(1, "a.m:1");
        gate.stream().accepted(wire);
        wire.send(Frames.windowUpdate(0, 1 << 20)).send(Frames.windowUpdate(1, 1 << 20));
        heard();
        gate.stream().channel().writeAndFlush(Unpooled.buffer().writeZero(100_000));
        assertThat(heard())
                .extracting(String::length)
                .containsExactly((64 << 10) - 9 + 7, 100_000 - (64 << 10) + 9 + 7);
    }

    @Test
    void silentMemberIsGivenUp() {
        connect(1, "a.m:1");
        gate.stream().accepted(wire);
        heard();
        wire.pass(Duration.ofSeconds(3));
        wire.pass(Duration.ofSeconds(12));
        assertThat(heard()).containsExactly("PING");
        wire.pass(Duration.ofSeconds(25));
        assertThat(wire.isOpen()).isFalse();
    }

    @Test
    void clearTextIsHboneWhereTheListenerSaysSo() {
        Wire clear = Wire.remote(Listening.open());
        Ingress ingress = Changed.of(Connection.of(clear).ingress(), Map.of("protocols", List.of("http", "hbonec")));
        Peer peer = Connection.of(clear).peer();
        Connection.accepted(ingress, peer).on(clear);
        ServerConnection.serve(clear, gate, new Intake("me"));
        clear.send(Frames.PREFACE).send(Frames.settings());
        clear.send(frames.headers(1, false, ":method", "CONNECT", ":authority", "a.m:1"));
        assertThat(gate.stream().intent().protocol()).isEqualTo("hbonec");
        clear.close();
        clear.heard();
    }

    @Test
    void requestsOfMembersGoTheUsualWay() {
        wire.send(frames.get(1, "/x"));
        assertThat(gate.asked()).hasSize(1);
    }
}
