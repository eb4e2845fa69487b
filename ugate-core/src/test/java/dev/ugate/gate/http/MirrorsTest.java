package dev.ugate.gate.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.HostPort;
import dev.ugate.model.Intent;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Shape;
import dev.ugate.model.http.Fields;
import dev.ugate.spi.Reply;
import dev.ugate.spi.Request;
import dev.ugate.testing.Listening;
import dev.ugate.testing.Sink;
import dev.ugate.testing.Wire;
import io.netty.util.concurrent.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Copies of requests without a network: the test is the original's client and the mirror. */
final class MirrorsTest {
    private static final long MOST = 100;

    private final Wire client = Wire.local(Listening.open());
    private final Mirrors mirrors = new Mirrors();
    private final List<Request> copies = new ArrayList<>();
    private final List<Promise<Reply>> replies = new ArrayList<>();

    private Request request(long length) {
        return new Request("POST", "http", new HostPort("a", 80), "/", Fields.NONE, length, client);
    }

    private void copy(long length) {
        Request request = request(length);
        Intent intent = new Intent(
                "http", dev.ugate.model.Peer.of(Wire.HERE, Wire.HERE), request.authority(), Shape.MESSAGES, Map.of());
        mirrors.copy(
                (asked, copied, informational) -> {
                    copies.add(copied);
                    Promise<Reply> reply = copied.body().eventLoop().newPromise();
                    replies.add(reply);
                    return reply;
                },
                intent,
                request,
                MOST);
        client.runPendingTasks();
    }

    private Sink sink(io.netty.channel.Channel channel) {
        Sink sink = new Sink();
        channel.pipeline().addLast(sink);
        channel.config().setAutoRead(true);
        client.runPendingTasks();
        return sink;
    }

    @Test
    void theCopyIsWhatTheOriginalIs() {
        copy(-1);
        Sink original = sink(client);
        Sink copied = sink(copies.get(0).body());
        for (int i = 0; i < 10; i++) {
            client.send(new byte[] {1, 2, 3, (byte) i});
        }
        client.sendFin();

        assertThat(copied.taken()).isEqualTo(original.taken()).hasSize(40);
        assertThat(copied.ended()).isTrue();
        assertThat(original.ended()).isTrue();
        assertThat(mirrors.sent()).isEqualTo(1);
        assertThat(mirrors.dropped()).isZero();
        assertThat(client.tally().live()).isEmpty();
    }

    @Test
    void aMirrorThatDoesNotReadIsDroppedAndTheOriginalGoesOn() {
        copy(-1);
        Sink original = sink(client);
        client.send(new byte[(int) MOST]);
        assertThat(copies.get(0).body().isOpen()).isTrue();
        client.send(new byte[1]);
        assertThat(copies.get(0).body().isOpen()).isFalse();
        client.send(new byte[1000]).sendFin();

        assertThat(original.taken()).hasSize((int) MOST + 1001);
        assertThat(original.ended()).isTrue();
        assertThat(mirrors.dropped()).isEqualTo(1);
        assertThat(replies.get(0).isCancelled()).isTrue();
        assertThat(client.tally().live()).isEmpty();
    }

    @Test
    void theCopyOfARequestWithoutABodyEndsAtOnce() {
        copy(0);

        assertThat(sink(copies.get(0).body()).ended()).isTrue();
    }

    @Test
    void theReplyIsThrownAwayAndClosesTheCopy() {
        copy(0);
        Wire upstream = Wire.upstream();
        replies.get(0).setSuccess(new Reply(500, Fields.NONE, 3, upstream));
        client.runPendingTasks();
        upstream.send(new byte[3]).sendFin();

        assertThat(upstream.isOpen()).isFalse();
        client.runPendingTasks();
        assertThat(copies.get(0).body().isOpen()).isFalse();
        assertThat(upstream.tally().live()).isEmpty();
    }

    @Test
    void aCopyEndsWithAnAbandonedOriginalAndWithItsOwnFailure() {
        copy(-1);
        copy(-1);
        replies.get(1).setFailure(Refused.because(Refusal.UNREACHABLE, "test"));
        client.runPendingTasks();
        assertThat(copies.get(1).body().isOpen()).isFalse();
        client.close();
        client.runPendingTasks();

        assertThat(copies.get(0).body().isOpen()).isFalse();
        assertThat(replies.get(0).isCancelled()).isTrue();
    }

    @Test
    void aMirrorThatNeverAnswersCostsABoundedNumberOfCopies() {
        for (int i = 0; i < 300; i++) {
            copy(0);
        }

        assertThat(copies).hasSize(256);
        assertThat(mirrors.dropped()).isEqualTo(300 - 256);
        copies.forEach(copy -> copy.body().close());
        client.runPendingTasks();
        copy(0);
        assertThat(copies).hasSize(257);
    }
}
