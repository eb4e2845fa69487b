package dev.ugate.protocols.http.client;

import dev.ugate.model.Carrier;
import dev.ugate.model.Endpoint;
import dev.ugate.model.HostPort;
import dev.ugate.model.Identity;
import dev.ugate.model.Intent;
import dev.ugate.model.Limits;
import dev.ugate.model.Peer;
import dev.ugate.model.http.Fields;
import dev.ugate.model.http.Tries;
import dev.ugate.net.foreign.ForeignChannel;
import dev.ugate.net.pool.RequestCounts;
import dev.ugate.protocols.http.ws.WebSocketKey;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Dialer;
import dev.ugate.spi.Informational;
import dev.ugate.spi.Reply;
import dev.ugate.spi.Request;
import dev.ugate.spi.RoundTrip;
import dev.ugate.spi.Settings;
import dev.ugate.testing.Changed;
import dev.ugate.testing.FarSide;
import dev.ugate.testing.Listening;
import dev.ugate.testing.Sink;
import dev.ugate.testing.Wire;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A pool whose upstreams are the test; everything on one embedded loop. */
final class Pooled implements AutoCloseable {
    static final HostPort TARGET = new HostPort("a.b", 8080);

    final Wire loop = Wire.local(Listening.open());
    final List<Promise<Channel>> dials = new ArrayList<>();
    final List<Wire> upstreams = new ArrayList<>();
    final RequestCounts counts = new RequestCounts();
    boolean retries;
    Tries tries = Tries.STANDARD;
    Settings settings = Listening.open().ingress().settings();
    private final Requests requests = new Requests(
            (dial, on) -> {
                Promise<Channel> dialled = loop.eventLoop().newPromise();
                dials.add(dialled);
                return dialled;
            },
            () -> settings,
            counts);

    private final Map<Intent, Dial> dialled = new IdentityHashMap<>();
    /** What each endpoint was told to have done: its part, or not. */
    final List<Boolean> outcomes = new ArrayList<>();

    private final RoundTrip once = new HttpRoundTrip((intent, on) -> {
        Future<Channel> place = requests.dial(dialOf(intent), on);
        place.addListener(done -> {
            if (done.isSuccess()) {
                place.getNow().attr(Dialer.Outcome.KEY).set(outcomes::add);
            }
        });
        return place;
    });
    private final RoundTrip retry =
            new RequestDeadline(new Retry(new AttemptDeadline(once), () -> settings, counts), () -> settings);

    private @Nullable Dial last;

    /** An intent that was made of another is for the endpoint of the one before. */
    private Dial dialOf(Intent intent) {
        Dial before = Objects.requireNonNull(last);
        return dialled.getOrDefault(intent, new Dial(intent, before.endpoint(), before.deadline()));
    }

    /** One request as its sender sees it. */
    final class Asked {
        final ForeignChannel body = new ForeignChannel(loop, new FarSide());
        final Future<Reply> reply;
        private @Nullable Sink sink;

        private Asked(Dial dial, String method, long length, Optional<String> upgrade) {
            loop.eventLoop().register(body);
            RoundTrip trip = retries ? retry : once;
            dialled.put(dial.intent(), dial);
            last = dial;
            Request request = new Request(method, "http", TARGET, "/x", Fields.NONE, length, upgrade, body);
            request.tries(tries);
            reply = trip.send(dial.intent(), request, Informational.IGNORED);
            run();
        }

        /** What came of the reply's body. */
        String text() {
            if (sink == null) {
                sink = new Sink();
                reply.getNow().body().pipeline().addFirst(sink);
                reply.getNow().body().config().setAutoRead(true);
            }
            run();
            return new String(sink.taken(), StandardCharsets.ISO_8859_1) + (sink.ended() ? "." : "");
        }
    }

    Pooled() {
        loop.config().setAutoRead(false);
    }

    Pooled limits(Limits.Upstream upstream) {
        settings = new Settings(
                settings.timeouts(), Changed.of(settings.limits(), Map.of("upstream", upstream)), settings.journal());
        return this;
    }

    static Peer peer() {
        return Peer.of(Wire.HERE, Wire.HERE);
    }

    static Peer peer(String name) {
        return peer().withIdentity(new Identity("user:" + name, Identity.Proof.PASSWORD));
    }

    static Endpoint endpoint(Carrier... via) {
        List<Carrier> all = new ArrayList<>(List.of(Carrier.REQUESTS));
        all.addAll(List.of(via));
        return Endpoint.tcp(TARGET, List.of()).withVia(all);
    }

    Asked ask(Peer peer, Endpoint endpoint, String method, long length) {
        return new Asked(dial(peer, endpoint), method, length, Optional.empty());
    }

    /** Asks for a WebSocket. */
    Asked upgrade(Endpoint endpoint) {
        return new Asked(dial(peer(), endpoint), "GET", -1, Optional.of(WebSocketKey.PROTOCOL));
    }

    private static Dial dial(Peer peer, Endpoint endpoint) {
        Intent intent = Intent.bytes("http", peer, TARGET);
        return new Dial(
                intent, endpoint, System.nanoTime() + Duration.ofSeconds(10).toNanos());
    }

    Asked get() {
        return ask(peer(), endpoint(Carrier.TCP), "GET", 0);
    }

    /** Completes the dial and gives the new upstream. */
    Wire connected(int dial) {
        return connected(dial, Wire.local(Listening.open()));
    }

    /** The same on the loop of the requests' bodies, for those that have one. */
    Wire connectedHere(int dial) {
        return connected(dial, loop);
    }

    Wire connected(int dial, Wire upstream) {
        upstream.config().setAutoRead(false);
        upstreams.add(upstream);
        dials.get(dial).setSuccess(upstream);
        run();
        return upstream;
    }

    static void say(Wire upstream, String text) {
        upstream.send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    static String heard(Wire upstream) {
        return new String(upstream.heardBytes(), StandardCharsets.ISO_8859_1);
    }

    void run() {
        loop.runPendingTasks();
        upstreams.forEach(Wire::runPendingTasks);
    }

    /** Lets frozen time pass everywhere. */
    void pass(Duration time) {
        upstreams.forEach(upstream -> upstream.pass(time));
        loop.pass(time);
        run();
    }

    @Override
    public void close() {
        run();
        upstreams.forEach(upstream -> {
            upstream.close();
            upstream.runPendingTasks();
            upstream.heard();
            upstream.checkException();
            if (!upstream.tally().live().isEmpty()) {
                throw new AssertionError("leak: " + upstream.tally().live());
            }
        });
        loop.close();
    }
}
