package dev.ugate.protocols.ssh.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Endpoint;
import dev.ugate.model.HostPort;
import dev.ugate.model.Intent;
import dev.ugate.model.Peer;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Shape;
import dev.ugate.model.http.Fields;
import dev.ugate.net.Listener;
import dev.ugate.net.pool.Shared;
import dev.ugate.protocols.ssh.channel.Bounds;
import dev.ugate.protocols.ssh.channel.Talk;
import dev.ugate.protocols.ssh.wire.Disconnect;
import dev.ugate.protocols.ssh.wire.Message;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Fin;
import dev.ugate.testing.Sink;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientConnectionTest {
    private static final InetSocketAddress CALLER = new InetSocketAddress("192.0.2.7", 1234);
    private static final HostPort DB = new HostPort("db.m", 5432);

    /** Host, port and caller as the wire has them. */
    private static final String TO_DB = "0000000464622e6d00001538000000093139322e302e322e37000004d2";

    private final List<String> told = new ArrayList<>();
    private final ClientConnection connection = new ClientConnection(new Shared.Keeper<>() {
        @Override
        public void freed(ClientConnection which) {
            told.add("freed " + which.places());
        }

        @Override
        public void gone(ClientConnection which) {
            told.add("gone");
        }
    });

    private Talk talk(String version) {
        Talk talk = new Talk(connection, Bounds.STANDARD, version);
        connection.begin();
        return talk;
    }

    private static Dial dial(Fields fields) {
        Intent intent = new Intent("socks5", Peer.of(CALLER, CALLER), DB, Shape.BYTES, Map.of(), fields);
        return new Dial(intent, Endpoint.tcp(DB, List.of(CALLER)), System.nanoTime() + TimeUnit.SECONDS.toNanos(10));
    }

    private Future<Channel> tunnel() {
        return connection.lease().tunnel(dial(Fields.NONE));
    }

    private static Talk confirms(Talk talk, int number, int theirs) {
        return talk.say(
                Message.CHANNEL_OPEN_CONFIRMATION,
                out -> out.writeInt(number).writeInt(theirs).writeInt(1000).writeInt(32768));
    }

    private static Talk refuses(Talk talk, int number, int code, String text) {
        return talk.say(Message.CHANNEL_OPEN_FAILURE, out -> {
            out.writeInt(number).writeInt(code);
            Talk.string(out, text);
            Talk.string(out, "");
        });
    }

    @Test
    void aStreamIsAChannelOnceTheServerSaysSo() {
        try (Talk talk = talk(Talk.OPENSSH)) {
            Future<Channel> way = tunnel();
            assertThat(talk.heard())
                    .containsExactly("OPEN direct-tcpip 0 " + Bounds.STANDARD.window() + " 32768 " + TO_DB);
            assertThat(way.isDone()).isFalse();
            confirms(talk, 0, 9);
            Channel channel = way.getNow();
            assertThat(channel.config().isAutoRead()).isFalse();
            Sink sink = new Sink();
            channel.pipeline().addLast(sink);
            channel.config().setAutoRead(true);
            channel.writeAndFlush(Unpooled.copiedBuffer("query", StandardCharsets.US_ASCII));
            channel.writeAndFlush(Fin.FIN);
            assertThat(talk.heard()).containsExactly("DATA 9 query", "EOF 9");
            talk.says(0, "rows").ends(0);
            assertThat(new String(sink.taken(), StandardCharsets.US_ASCII)).isEqualTo("rows");
            assertThat(sink.ended()).isTrue();
            assertThat(talk.heard()).containsExactly("CLOSE 9");
            talk.closes(0);
            assertThat(connection.places()).isEqualTo(ClientConnection.MOST);
        }
    }

    @Test
    void oneOfOurKindIsToldTheHops() {
        try (Talk talk = talk(Talk.UGATE)) {
            connection.lease().tunnel(dial(Fields.of("via", "ssh a")));
            assertThat(talk.heard()).singleElement().asString().endsWith(TO_DB + "000000057373682061");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, denied, DENIED",
        "1, no_route, NO_ROUTE",
        "2, connection_refused, CONNECTION_REFUSED",
        "2, upstream_identity, UPSTREAM_IDENTITY",
        "4, overloaded, OVERLOADED",
        "1, administratively prohibited, DENIED",
        "2, Connection refused, CONNECTION_REFUSED",
        "2, Connection timed out, TIMED_OUT",
        "2, Name or service not known, UNRESOLVED",
        "2, whatever, UNREACHABLE",
        "3, unknown channel type, NO_ROUTE",
        "4, , OVERLOADED",
        "99, , UNREACHABLE"
    })
    void aRefusalMeansWhatItsWordSaysOrElseItsCode(int code, String text, Refusal reason) {
        try (Talk talk = talk(Talk.OPENSSH)) {
            Future<Channel> way = tunnel();
            refuses(talk, 0, code, text == null ? "" : text);
            Refused why = (Refused) way.cause();
            assertThat(why.reason()).isEqualTo(reason);
            assertThat(why.isUntouched()).isFalse();
            assertThat(connection.places()).isEqualTo(ClientConnection.MOST);
        }
    }

    @Test
    void whatAServerThatLeavesDidNotBeginMayBeginElsewhere() {
        try (Talk talk = talk(Talk.UGATE)) {
            Future<Channel> lost = tunnel();
            Future<Channel> refused = tunnel();
            refuses(talk, 1, 4, "draining");
            assertThat(((Refused) refused.cause()).isUntouched()).isTrue();
            assertThat(connection.places()).as("nothing more is asked there").isZero();
            assertThat(told).containsExactly("gone");
            talk.wire.close();
            talk.wire.runPendingTasks();
            assertThat(((Refused) lost.cause()).isUntouched()).isTrue();
            assertThat(connection.places()).isZero();
            assertThat(told).as("once").containsExactly("gone");
        }
    }

    @Test
    void aPlaceThatNobodyTookIsThereAgain() {
        try (Talk talk = talk(Talk.OPENSSH)) {
            for (int i = 0; i < ClientConnection.MOST; i++) {
                connection.lease();
            }
            assertThat(connection.places()).isZero();
            assertThat(connection.idleSince()).isEqualTo(Long.MAX_VALUE);
            for (int i = 0; i < ClientConnection.MOST; i++) {
                connection.giveBack();
            }
            assertThat(told).containsExactly("freed 1");
            assertThat(connection.idleSince()).isLessThan(Long.MAX_VALUE);
            assertThat(talk.heard()).isEmpty();
        }
    }

    @Test
    void whoIsGoneBeforeItBeganSaysSoThen() {
        Talk talk = new Talk(connection, Bounds.STANDARD, Talk.OPENSSH);
        talk.close();
        assertThat(told).isEmpty();
        connection.begin();
        assertThat(told).containsExactly("gone");
        assertThat(connection.places()).isZero();
    }

    @Test
    void hasSoManyPlaces() {
        try (Talk talk = talk(Talk.OPENSSH)) {
            for (int i = 0; i < ClientConnection.MOST; i++) {
                assertThat(connection.places()).isEqualTo(ClientConnection.MOST - i);
                tunnel();
            }
            assertThat(connection.places()).isZero();
            refuses(talk, 5, 2, "");
            assertThat(connection.places()).isOne();
        }
    }

    @Test
    void lettingGoBeforeTheAnswerClosesWhatIsOpened() {
        try (Talk talk = talk(Talk.OPENSSH)) {
            Future<Channel> way = tunnel();
            talk.heard();
            way.cancel(false);
            assertThat(talk.heard()).isEmpty();
            confirms(talk, 0, 9);
            assertThat(talk.heard()).containsExactly("CLOSE 9");
        }
    }

    @Test
    void nobodyOpensAnythingTowardsUs() {
        try (Talk talk = talk(Talk.UGATE)) {
            talk.asksFor(3, "db.m", 80, 1000).asksFor(4, "session", 1000, out -> {});
            talk.asks("tcpip-forward", true, out -> {});
            assertThat(talk.heard())
                    .containsExactly("FAIL 3 3 unknown channel type", "FAIL 4 3 unknown channel type", "DENIED");
        }
    }

    @Test
    void retiresWithItsLastStream() {
        try (Talk talk = talk(Talk.OPENSSH)) {
            Future<Channel> way = tunnel();
            confirms(talk, 0, 9);
            talk.wire.pipeline().fireUserEventTriggered(Listener.DRAINING);
            talk.heard();
            assertThat(connection.places()).isZero();
            assertThat(talk.wire.isOpen()).isTrue();
            way.getNow().close();
            talk.closes(0);
            talk.heard();
            assertThat(talk.ending().code()).isEqualTo(Disconnect.BY_APPLICATION);
        }
    }
}
