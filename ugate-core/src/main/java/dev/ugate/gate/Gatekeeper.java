package dev.ugate.gate;

import dev.ugate.model.HostPort;
import dev.ugate.model.Intent;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Timeouts;
import dev.ugate.net.Admission;
import dev.ugate.net.Detector;
import dev.ugate.net.Failures;
import dev.ugate.net.Relay;
import dev.ugate.net.Reset;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Exchange;
import dev.ugate.spi.Gate;
import dev.ugate.spi.Ingress;
import dev.ugate.spi.Pressure;
import dev.ugate.spi.Protocol;
import dev.ugate.spi.Reply;
import dev.ugate.spi.RoundTrip;
import dev.ugate.spi.Settings;
import dev.ugate.spi.Stream;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GenericFutureListener;
import java.util.List;
import java.util.Optional;

/** The waist: what enters is detected, what opens or asks is decided, dialled, answered and relayed. */
public final class Gatekeeper implements Gate {
    /** Layers that may be peeled off one connection before it is refused. */
    private static final int MAX_DEPTH = 4;

    /** The status after which both bodies of an upgraded request are a tunnel. */
    private static final int UPGRADED = 200;

    /** The one that HTTP/1.1 writes for it. */
    private static final int SWITCHED = 101;

    /** Of a client that left before its answer: what nginx logs, as no upstream did anything wrong. */
    private static final int CLIENT_LEFT = 499;

    private final List<Protocol> protocols;
    private final Outbound outbound;
    private final RoutedRoundTrip roundTrip;
    private final LiveStreams live;
    private final Rates rates;
    private final Snapshot<Boolean> draining = new Snapshot<>(false);

    public Gatekeeper(List<Protocol> protocols, Outbound outbound, RoundTrip roundTrip, LiveStreams live, Rates rates) {
        this.protocols = List.copyOf(protocols);
        this.outbound = outbound;
        this.roundTrip = new RoutedRoundTrip(outbound, roundTrip);
        this.live = live;
        this.rates = rates;
    }

    /** What requests of library users go through, too. */
    public RoutedRoundTrip roundTrip() {
        return roundTrip;
    }

    /** From now on health checks hear that this instance leaves, which goes on serving. */
    public void leave() {
        roundTrip.leave();
    }

    /** From now on new streams are refused with DRAINING. */
    public void drain() {
        draining.replace(true);
    }

    @Override
    public void enter(Channel channel) {
        Connection connection = Connection.of(channel);
        Ingress ingress = connection.ingress();
        if (connection.depth() > MAX_DEPTH) {
            ingress.settings()
                    .journal()
                    .failed(
                            connection,
                            Detector.UNKNOWN,
                            Refused.because(Refusal.LOOP, "enter: more than " + MAX_DEPTH + " layers"));
            channel.close();
        } else if (ingress.target().isPresent() && !demanded(connection)) {
            opaque(ingress.target().get()).serve(channel, this);
        } else if (connection.peer().captured().isPresent()) {
            Protocol opaque = opaque(connection.peer().captured().get());
            Ahead.begin(channel, outbound, opaque.name());
            Detector.begin(channel, protocols, opaque, this);
        } else {
            Detector.begin(
                    channel, protocols, ingress.fallback().map(this::opaque).orElse(null), this);
        }
    }

    private boolean demanded(Connection connection) {
        for (Protocol protocol : protocols) {
            if (protocol.demanded(connection)) {
                return true;
            }
        }
        return false;
    }

    private Protocol opaque(HostPort target) {
        return new Opaque(target);
    }

    @Override
    public void open(Stream stream) {
        Channel client = stream.channel();
        Connection connection = Connection.of(client);
        client.config().setAutoRead(false);
        Admission.settled(client);
        Intent intent;
        try {
            intent = settled(stream.intent(), connection);
        } catch (Refused refused) {
            refuse(stream, new Account(stream.intent(), client, live), refused);
            return;
        }
        Account account = new Account(intent, client, live);
        Passage passage = outbound.passage(intent, Optional.of(connection.ingress()), client.eventLoop());
        Ahead.of(client).ifPresent(passage::after);
        account.follows(passage);
        Future<Channel> way = passage.begin();
        if (way.isDone()) {
            dialled(stream, account, passage, way);
            return;
        }
        var gone = (GenericFutureListener<Future<? super Void>>) closed -> way.cancel(false);
        client.closeFuture().addListener(gone);
        way.addListener(done -> {
            client.closeFuture().removeListener(gone);
            dialled(stream, account, passage, way);
        });
    }

    /** What the intent comes to, when it may come in at all. */
    private Intent settled(Intent intent, Connection connection) {
        admit(intent, connection);
        return outbound.plan().border().named(outbound.settle(intent, connection.ingress()));
    }

    private void admit(Intent intent, Connection connection) {
        if (draining.read()) {
            throw Refused.because(Refusal.DRAINING, "gate: shutting down");
        }
        Settings settings = connection.ingress().settings();
        if (settings.pressure().get().atLeast(Pressure.REFUSE)) {
            throw Refused.because(Refusal.OVERLOADED, "limit overload: new streams wait until memory or time is free");
        }
        rates.take(intent.peer(), settings.limits().streamRate());
        live.bound(intent.peer(), settings.limits().mesh().meshStreams());
    }

    private void dialled(Stream stream, Account account, Passage passage, Future<Channel> way) {
        Channel client = stream.channel();
        if (!way.isSuccess()) {
            Refused why = way.isCancelled() ? gone(client) : Failures.refused(way.cause());
            refuse(stream, account, why);
            return;
        }
        Channel upstream = way.getNow();
        if (!client.isActive()) {
            upstream.close();
            refuse(stream, account, gone(client));
            return;
        }
        Optional<Refused> late = passage.revised(upstream);
        if (late.isPresent()) {
            upstream.close();
            refuse(stream, account, late.get());
            return;
        }
        Settings settings = Connection.of(client).ingress().settings();
        Relay.Pair pair = Relay.join(client, upstream, settings.timeouts(), account::ended);
        account.carriedBy(pair);
        try {
            stream.accepted(upstream);
            pair.start();
        } catch (RuntimeException | OutOfMemoryError wrong) {
            // A bug in a protocol, or no memory for its answer: nobody would ever read these two again.
            Failures.refused(wrong);
            Reset.close(client);
            Reset.close(upstream);
        }
    }

    /** Why a client is gone that nobody has answered. */
    private static Refused gone(Channel client) {
        return Reset.why(client)
                .orElseGet(() -> Refused.because(Refusal.UNREACHABLE, "client: went away before the answer"));
    }

    private void refuse(Stream stream, Account account, Refused why) {
        account.ended(0, 0, Optional.of(why));
        try {
            stream.refused(why);
        } catch (RuntimeException | OutOfMemoryError wrong) {
            // The same: its client would wait for ever.
            Failures.refused(wrong);
            Reset.close(stream.channel());
        }
    }

    @Override
    public void ask(Exchange exchange) {
        Channel body = exchange.request().body();
        Connection connection = Connection.of(body);
        Admission.settled(body);
        Intent intent;
        try {
            intent = settled(exchange.intent(), connection);
        } catch (Refused refused) {
            refuse(exchange, new Account(exchange.intent(), body, live), refused);
            return;
        }
        Account account = new Account(intent, body, live);
        Future<Reply> reply = roundTrip.send(intent, exchange.request(), exchange);
        body.closeFuture().addListener(closed -> reply.cancel(false));
        reply.addListener(done -> {
            try {
                replied(exchange, account, reply);
            } catch (RuntimeException | OutOfMemoryError wrong) {
                unanswered(exchange, account, reply, Failures.refused(wrong));
            }
        });
    }

    /** The answer could not even be begun, for want of memory or by a bug: nobody else would end this exchange. */
    private static void unanswered(Exchange exchange, Account account, Future<Reply> reply, Refused why) {
        account.ended(0, 0, Optional.of(why));
        if (reply.isSuccess()) {
            reply.getNow().body().close();
        }
        Channel body = exchange.request().body();
        Reset.because(body, why);
        body.close();
    }

    private static void refuse(Exchange exchange, Account account, Refused why) {
        account.ended(0, exchange.refused(why, RoutedRoundTrip.refusal(exchange.request())), Optional.of(why));
    }

    private void replied(Exchange exchange, Account account, Future<Reply> future) {
        Channel body = exchange.request().body();
        Account.Trail.find(body).flatMap(Account.Trail::route).ifPresent(route -> account.routed(route.name()));
        Exchange.GivenUp givenUp =
                future.isCancelled() ? body.attr(Exchange.GIVEN_UP).get() : null;
        if (givenUp != null) {
            account.answered(givenUp.status());
            account.ended(0, givenUp.bytes(), Optional.of(givenUp.why()));
            return;
        }
        if (!future.isSuccess()) {
            if (future.isCancelled()) {
                if (Reset.why(body).isEmpty()) {
                    account.answered(CLIENT_LEFT);
                }
                account.ended(0, 0, Optional.of(gone(body)));
            } else {
                refuse(exchange, account, Failures.refused(future.cause()));
            }
            return;
        }
        Reply reply = future.getNow();
        Passage.of(reply.body()).ifPresent(account::reached);
        Timeouts timeouts = Connection.of(body).ingress().settings().timeouts();
        boolean upgraded = exchange.request().upgrade().isPresent() && reply.status() == UPGRADED;
        boolean switched = upgraded
                && !exchange.intent().labels().getOrDefault("version", "").equals("2");
        account.answered(switched ? SWITCHED : reply.status());
        exchange.reply(reply.status(), reply.fields(), reply.length(), reply.version());
        if (upgraded) {
            Relay.Pair pair = Relay.join(body, reply.body(), timeouts, account::ended);
            account.carriedBy(pair);
            pair.start();
        } else {
            Relay.oneWay(reply.body(), body, timeouts, account::ended);
        }
    }
}
